namespace Clinic.Faults.Check;

/// <summary>Holds what watchers were shown against which connections lived in truth, and measures how soon the dead were shown as gone.</summary>
internal sealed class PresenceCheck(History history)
{
    /// <summary>So long after their last connection died nobody may be shown any more.</summary>
    public const double LongestShown = 10;

    /// <summary>A change that was true when it was sent may still be on its way when a user is back.</summary>
    private const double Settling = 1;

    /// <summary>Who is connected for so long must be shown, whatever was broken.</summary>
    private const double LongestUnseen = 20;

    private readonly Dictionary<UserName, Truth> _truths = history.Connections.GroupBy(connection => connection.User)
        .ToDictionary(group => group.Key, group => new Truth(group, history.PathFaults));

    public List<Violation> Violations { get; } = [];

    public List<double> Gone { get; } = [];

    public void Run()
    {
        var sightings = history.Sightings.ToLookup(sighting => (sighting.Watcher, sighting.User));
        foreach (var seen in sightings)
        {
            var (watcher, user) = seen.Key;
            if (user.Clinic != watcher.Clinic)
            {
                Violations.Add(new Violation(Breach.ForeignBytes, $"{watcher} was shown {user}"));
            }
            else if (_truths.TryGetValue(watcher, out var eyes) && _truths.TryGetValue(user, out var truth))
            {
                var steps = seen.OrderBy(sighting => sighting.At).ToList();
                CheckDeaths(watcher, user, steps, eyes, truth);
                CheckLeaves(watcher, user, steps, eyes, truth);
                CheckAbsence(watcher, user, steps, eyes, truth);
            }
        }
    }

    private void CheckDeaths(UserName watcher, UserName user, List<Sighting> steps, Truth eyes, Truth truth)
    {
        var shown = Times(steps, present: true).ToList();
        foreach (var death in truth.Deaths())
        {
            var late = new Span(death.From + LongestShown, Math.Min(death.Until, history.End));
            foreach (var sight in eyes.LiveSpans())
            {
                var seen = new Span(Math.Max(late.From, sight.From + Settling), Math.Min(late.Until, sight.Until));
                if (seen.From < seen.Until && shown.FirstOrDefault(span => span.Overlaps(seen)) is { Until: > 0 } still)
                {
                    Violations.Add(new Violation(
                        Breach.ShownTooLong,
                        $"{watcher} was shown {user} until {Math.Min(still.Until, seen.Until):0.0} s, whose last connection died at {death.From:0.0} s"));
                }

                // Only who saw the user at the death, and looked on until they went, measures how long it took.
                if (sight.Holds(death.From) && shown.FirstOrDefault(span => span.Holds(death.From)) is { Until: > 0 } last
                    && last.Until < sight.Until && last.Until < death.Until && last.Until < history.End)
                {
                    Gone.Add(last.Until - death.From);
                }
            }
        }
    }

    private void CheckLeaves(UserName watcher, UserName user, List<Sighting> steps, Truth eyes, Truth truth)
    {
        foreach (var leave in steps.Where(step => step.Shown == Shown.Absent && eyes.Hears(step.At) && truth.IsLive(step.At, Settling)))
        {
            Violations.Add(new Violation(Breach.ShownOffline, $"{watcher} was shown that {user} left at {leave.At:0.0} s, who was connected"));
        }
    }

    private void CheckAbsence(UserName watcher, UserName user, List<Sighting> steps, Truth eyes, Truth truth)
    {
        foreach (var absence in Times(steps, present: false))
        {
            foreach (var sight in eyes.LiveSpans())
            {
                foreach (var live in truth.LiveSpans())
                {
                    var until = Math.Min(Math.Min(Math.Min(absence.Until, sight.Until), live.Until), history.End);
                    var from = Math.Max(Math.Max(absence.From, sight.From), live.From);
                    if (until - from > LongestUnseen)
                    {
                        Violations.Add(new Violation(Breach.ShownOffline, $"{watcher} was not shown {user} from {from:0.0} to {until:0.0} s, who was connected"));
                    }
                }
            }
        }
    }

    private static IEnumerable<Span> Times(List<Sighting> steps, bool present)
    {
        for (var index = 0; index < steps.Count; index++)
        {
            if ((steps[index].Shown != Shown.Absent) != present || (index > 0 && (steps[index - 1].Shown != Shown.Absent) == present))
            {
                continue;
            }

            var end = index + 1;
            while (end < steps.Count && (steps[end].Shown != Shown.Absent) == present)
            {
                end++;
            }

            yield return new Span(steps[index].At, end < steps.Count ? steps[end].At : double.PositiveInfinity);
        }
    }
}
