using Clinic.Presence;

namespace Clinic.Escalation;

/// <summary>
/// Decides who answers for a matter next. Whoever is at work comes before who is signed in and not at the screen, and both before everybody
/// else; among equals the list's order counts. Nobody gets it twice while there is somebody who has not had it.
/// </summary>
internal static class EscalationPlan
{
    private const int Absent = 2;

    /// <summary>The next step of a matter whose owner's time is up.</summary>
    /// <param name="matter">The matter.</param>
    /// <param name="rule">The clinic's rule for its priority, as it is now.</param>
    /// <param name="concerned">Who has had it, in that order; the first is who it was for.</param>
    /// <param name="present">Who is present in the clinic; empty when nobody is, or it can't be known.</param>
    /// <param name="now">The time.</param>
    public static EscalationStep Next(
        Matter matter,
        EscalationRule rule,
        IReadOnlyList<string> concerned,
        IReadOnlyDictionary<string, PresenceStatus> present,
        DateTimeOffset now)
    {
        var fresh = rule.List.Except(concerned, StringComparer.Ordinal).MinBy(Rank);
        var (to, reason) = fresh is not null
            ? (fresh, EscalationReason.NotAcknowledged)
            : (AnyoneElse() ?? matter.Owner, EscalationReason.NobodyLeft);
        // From now on and not from when it was due: after an outage nobody's time is over before they could see it.
        return new EscalationStep(matter.Step + 1, now, matter.Owner, to, reason, rule.DueAfter(now));

        // Of those who have had it, somebody who is there now; from the owner on, so that it goes round.
        string? AnyoneElse()
        {
            var circle = concerned.Take(1).Concat(rule.List).Distinct(StringComparer.Ordinal).ToList();
            var after = circle.IndexOf(matter.Owner) + 1;
            return circle.Skip(after).Concat(circle.Take(after))
                .Where(user => user != matter.Owner && Rank(user) < Absent)
                .MinBy(Rank);
        }

        int Rank(string user) => present.TryGetValue(user, out var status)
            ? status switch
            {
                PresenceStatus.Busy or PresenceStatus.Active => 0,
                PresenceStatus.Away or PresenceStatus.Hidden => 1,
                _ => Absent,
            }
            : Absent;
    }
}
