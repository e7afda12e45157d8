using Clinic.Presence;
using Clinic.Topics;
using Microsoft.Extensions.Logging;

namespace Clinic.Charts;

/// <summary>
/// Keeps the record of who has one chart open in step with the presence set. What the database does not take is tried again, so that an interval that was
/// opened is closed whatever fails in between.
/// </summary>
internal sealed partial class ChartAccess(TopicId patient, IChartStore store, TimeProvider time, ILogger logger)
{
    private readonly Dictionary<string, AccessInterval> _open = [];

    /// <summary>Written, but without an answer: perhaps they are stored.</summary>
    private readonly Dictionary<string, AccessInterval> _opening = [];
    private readonly Dictionary<string, AccessInterval> _inherited = [];
    private readonly List<AccessEnd> _ends = [];
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>Whether something still has to be written.</summary>
    public bool Behind { get; private set; }

    /// <summary>Whether it is on record that the user has the chart open.</summary>
    public bool IsRecorded(string user) => _open.ContainsKey(user);

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
            foreach (var (user, interval) in _open.Concat(_opening).Where(o => !viewers.ContainsKey(o.Key)).ToList())
            {
                _open.Remove(user);
                _opening.Remove(user);
                _ends.Add(EndOf(interval, removed.LastOrDefault(r => r.User == user)));
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
                    interval = new AccessInterval(Guid.CreateVersion7(time.GetUtcNow()).ToString("N"), patient, user, name, view.Reason, view.Since);
                    _opening.Add(user, interval);
                }

                await store.OpenAsync(interval, CancellationToken.None);
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
            _ends.Add(new AccessEnd(interval.Id, endOf(interval.OpenedAt), "outage"));
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

    private AccessEnd EndOf(AccessInterval interval, RemovedConnection removed) => removed switch
    {
        { Connection: null } or { Cause: RemovalCause.Closed } => new AccessEnd(interval.Id, time.GetUtcNow(), "user"),
        { Cause: RemovalCause.HostLost } => new AccessEnd(interval.Id, removed.At, "host_lost"),
        _ => new AccessEnd(interval.Id, removed.At, "connection_lost"),
    };

    [LoggerMessage(1, LogLevel.Error, "Who has chart {Patient} open could not be recorded; it will be tried again, and new viewers are refused until then.")]
    private static partial void NotRecorded(ILogger logger, string patient, Exception e);
}
