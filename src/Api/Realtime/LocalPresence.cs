using Clinic.Presence;

namespace Clinic.Realtime;

/// <summary>What this host's connections add to one topic's presence, and what of it the grain has not been told yet. Pure.</summary>
internal sealed class LocalPresence
{
    private readonly Dictionary<string, ConnectionPresence> _present = [];
    private readonly Dictionary<string, ConnectionPresence> _upserts = [];
    private readonly Dictionary<string, (DepartureKind Kind, DateTimeOffset At)> _departures = [];
    private readonly List<TaskCompletionSource> _waiting = [];

    public int Count => _present.Count;

    public IReadOnlyCollection<string> Connections => _present.Keys;

    public bool IsDirty => _upserts.Count + _departures.Count + _waiting.Count > 0;

    public void Set(ConnectionPresence presence, TaskCompletionSource? told)
    {
        _present[presence.Connection] = presence;
        _upserts[presence.Connection] = presence;
        _departures.Remove(presence.Connection);
        WaitFor(told);
    }

    public void Remove(string connection, DepartureKind kind, DateTimeOffset now, TaskCompletionSource? told)
    {
        if (_present.Remove(connection))
        {
            _upserts.Remove(connection);
            _departures[connection] = (kind, now);
        }

        WaitFor(told);
    }

    /// <summary>What changed since the last report.</summary>
    public PresenceReport TakeReport(DateTimeOffset now)
    {
        var report = new PresenceReport([.. _upserts.Values], Departures(now), now, [.. _waiting]);
        Clear();
        return report;
    }

    /// <summary>Everything, as an attachment names it.</summary>
    public PresenceReport TakeWhole(DateTimeOffset now)
    {
        var report = new PresenceReport([.. _present.Values], Departures(now), now, [.. _waiting]);
        Clear();
        return report;
    }

    /// <summary>A report that did not arrive: whoever waits goes on waiting for the next one, which names everything.</summary>
    public void Return(PresenceReport report)
    {
        _waiting.AddRange(report.Waiting);
        foreach (var departure in report.Departures.Where(d => !_present.ContainsKey(d.Connection)))
        {
            _departures.TryAdd(departure.Connection, (departure.Kind, report.At - departure.Age));
        }
    }

    /// <summary>What a connection of this host looks like to others by itself.</summary>
    public PresenceEntry? EntryOf(string connection) =>
        _present.TryGetValue(connection, out var p)
            ? new PresenceEntry(p.User, p.Name, p.Role, p.Status, 1, p.Since, p.Viewing, p.TypingStamp > 0, [])
            : null;

    /// <summary>Sets <paramref name="told"/> when the grain has everything up to now.</summary>
    public void WaitFor(TaskCompletionSource? told)
    {
        if (told is not null)
        {
            _waiting.Add(told);
        }
    }

    private Departure[] Departures(DateTimeOffset now) => [.. _departures.Select(d => new Departure(d.Key, d.Value.Kind, now - d.Value.At))];

    private void Clear()
    {
        _upserts.Clear();
        _departures.Clear();
        _waiting.Clear();
    }
}

/// <summary>What a grain is told of a host's connections, and who waits for that.</summary>
internal sealed record PresenceReport(ConnectionPresence[] Upserts, Departure[] Departures, DateTimeOffset At, TaskCompletionSource[] Waiting)
{
    public void Told()
    {
        foreach (var waiting in Waiting)
        {
            waiting.TrySetResult();
        }
    }
}
