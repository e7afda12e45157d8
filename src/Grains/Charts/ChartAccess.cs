using Clinic.Presence;
using Clinic.Topics;
using Microsoft.Extensions.Logging;

namespace Clinic.Charts;

/// <summary>
/// Keeps the record of who has one chart open in step with the presence set. What the database does not take is tried again, so that an interval that was
/// opened is closed whatever fails in between.
/// </summary>
internal sealed partial class ChartAccess(TopicId patient, IChartStore store, GlassWatch glass, TimeProvider time, ILogger logger)
{
    private readonly Dictionary<string, AccessInterval> _open = [];

    /// <summary>Written, but without an answer: perhaps they are stored.</summary>
    private readonly Dictionary<string, AccessInterval> _opening = [];
    private readonly Dictionary<string, AccessInterval> _inherited = [];
    private readonly List<AccessEnd> _ends = [];
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>Whether something still has to be written.</summary>
    public bool Behind { get; private set; }

    /// <summary>Whether it is on record that the user has the chart open, in the way the presence set has it.</summary>
    public bool IsRecorded(string user, PresenceSet presence) => _open.TryGetValue(user, out var interval) && IsOf(interval, presence.ViewOf(user));

    /// <summary>Takes over the intervals that a former life of the grain left open.</summary>
    public async Task LoadAsync()
    {
        foreach (var interval in await store.ReadOpenAsync(patient, CancellationToken.None))
        {
            if (!_inherited.TryAdd(interval.User, interval))
            {
                _ends.Add(new AccessEnd(interval.Id, interval.OpenedAt, "outage"));
            }
        }
    }

    /// <summary>Opens and closes intervals so that they match the viewers.</summary>
    public async Task FollowAsync(PresenceSet presence, IReadOnlyList<RemovedConnection> removed)
    {
        await _turn.WaitAsync();
        try
        {
            Behind = true;
            var viewers = presence.Viewers().ToDictionary(v => v.User);
            foreach (var (user, interval) in _open.Concat(_opening).Where(o => !IsOf(o.Value, viewers.GetValueOrDefault(o.Key).View)).ToList())
            {
                _open.Remove(user);
                _opening.Remove(user);
                _ends.Add(EndOf(interval, removed.LastOrDefault(r => r.User == user)));
            }

            foreach (var (user, interval) in _inherited.Where(i => viewers.TryGetValue(i.Key, out var viewer) && !IsOf(i.Value, viewer.View)).ToList())
            {
                _inherited.Remove(user);
                _ends.Add(EndOf(interval, default));
            }

            await CloseAsync();
            foreach (var (user, name, view) in viewers.Values.Where(v => !_open.ContainsKey(v.User)))
            {
                if (_inherited.Remove(user, out var inherited))
                {
                    _open[user] = inherited;
                    continue;
                }

                if (!_opening.TryGetValue(user, out var interval))
                {
                    var since = view.BreakGlass?.At ?? view.Since;
                    interval = new AccessInterval(
                        Guid.CreateVersion7(time.GetUtcNow()).ToString("N"), patient, user, name, view.Reason, since, view.BreakGlass is not null);
                    _opening.Add(user, interval);
                }

                await (interval.BreakGlass ? BreakGlassAsync(interval) : store.OpenAsync(interval, CancellationToken.None));
                _opening.Remove(user);
                _open[user] = interval;
            }

            Behind = false;
        }
        catch (Exception e)
        {
            // Nobody is shown the chart on the strength of it (see IPatientGrain.OpenedAsync), and it is tried again.
            NotRecorded(logger, patient.Key, e);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Closes what was inherited and nobody claimed: those users did not come back after the outage.</summary>
    /// <param name="endOf">When something that began at a time ended at the latest.</param>
    public void EndInherited(Func<DateTimeOffset, DateTimeOffset> endOf)
    {
        foreach (var interval in _inherited.Values)
        {
            _ends.Add(Limited(interval, new AccessEnd(interval.Id, endOf(interval.OpenedAt), "outage")));
        }

        Behind |= _inherited.Count > 0;
        _inherited.Clear();
    }

    private async Task CloseAsync()
    {
        if (_ends.Count > 0)
        {
            AccessEnd[] ends = [.. _ends];
            await store.CloseAsync(ends, CancellationToken.None);
            _ends.RemoveRange(0, ends.Length);
        }
    }

    private async Task BreakGlassAsync(AccessInterval interval)
    {
        var officers = await glass.FindOfficersAsync(patient, interval.User);
        await store.BreakGlassAsync(interval, officers, CancellationToken.None);
        glass.Recorded(interval, officers.Users);
    }

    /// <summary>
    /// Whether the interval is the one of the view. A restricted chart that is opened with another reason is another interval, so that no reason goes unrecorded.
    /// </summary>
    private static bool IsOf(AccessInterval interval, ChartView? view) =>
        view is not null && (interval.BreakGlass ? view.BreakGlass?.At == interval.OpenedAt : view.BreakGlass is null);

    private AccessEnd EndOf(AccessInterval interval, RemovedConnection removed) => Limited(interval, removed switch
    {
        { Connection: null } or { Cause: RemovalCause.Closed } => new AccessEnd(interval.Id, time.GetUtcNow(), "user"),
        { Cause: RemovalCause.HostLost } => new AccessEnd(interval.Id, removed.At, "host_lost"),
        { Cause: RemovalCause.Expired } => new AccessEnd(interval.Id, removed.At, "expired"),
        { Cause: RemovalCause.Revoked } => new AccessEnd(interval.Id, removed.At, "revoked"),
        _ => new AccessEnd(interval.Id, removed.At, "connection_lost"),
    });

    /// <summary>However late an end is noticed, a restricted chart is not open beyond its time.</summary>
    private AccessEnd Limited(AccessInterval interval, AccessEnd end) =>
        interval.BreakGlass && interval.OpenedAt + glass.For is var until && end.ClosedAt > until ? new AccessEnd(interval.Id, until, "expired") : end;

    [LoggerMessage(1, LogLevel.Error, "Who has chart {Patient} open could not be recorded; it will be tried again, and new viewers are refused until then.")]
    private static partial void NotRecorded(ILogger logger, string patient, Exception e);
}
