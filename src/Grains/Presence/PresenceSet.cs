namespace Clinic.Presence;

/// <summary>
/// The presence of one topic: who is there, over which connections of which hosts, and what of it others have been told. Pure: time comes as an
/// argument, nothing goes out.
/// </summary>
internal sealed class PresenceSet(string epoch, PresenceOptions options)
{
    private readonly Dictionary<string, PresentUser> _users = [];
    private readonly Dictionary<string, PresentConnection> _connections = [];
    private readonly Dictionary<string, PresenceEntry> _told = [];
    private readonly HashSet<string> _changed = [];
    private readonly PriorityQueue<string, DateTimeOffset> _due = new();
    private readonly List<RemovedConnection> _removed = [];

    public string Epoch => epoch;

    public long Version { get; private set; }

    /// <summary>False while the topic is being rebuilt: entries are added and updated, nobody is taken away from what others see.</summary>
    public bool Complete { get; set; } = true;

    /// <summary>When <see cref="Sweep"/> has something to do next; null for nothing.</summary>
    public DateTimeOffset? NextDue => _due.TryPeek(out _, out var due) ? due : null;

    public bool HasChanges => _changed.Count > 0;

    /// <summary>Replaces everything a host said before. Connections that it names in neither way count as broken.</summary>
    public void Replace(string host, IReadOnlyList<ConnectionPresence> connections, IReadOnlyList<Departure> departures, DateTimeOffset now)
    {
        foreach (var departure in departures)
        {
            Depart(host, departure, now);
        }

        var named = connections.Select(c => c.Connection).ToHashSet();
        foreach (var connection in _connections.Values.Where(c => c.Host == host && !named.Contains(c.Presence.Connection)).ToList())
        {
            Break(connection, now, options.Grace, RemovalCause.ConnectionLost);
        }

        foreach (var connection in connections)
        {
            Upsert(host, connection, now);
        }
    }

    /// <summary>Applies what changed at a host, in order.</summary>
    public void Change(string host, PresenceChanges changes, DateTimeOffset now)
    {
        foreach (var connection in changes.Upserts)
        {
            Upsert(host, connection, now);
        }

        foreach (var departure in changes.Departures)
        {
            Depart(host, departure, now);
        }
    }

    /// <summary>The host died: all its connections broke when it was last heard of.</summary>
    public void HostLost(string host, DateTimeOffset lastHeard, DateTimeOffset now)
    {
        foreach (var connection in _connections.Values.Where(c => c.Host == host).ToList())
        {
            Break(connection, lastHeard, options.Grace, RemovalCause.HostLost, atLeastUntil: now);
        }
    }

    /// <summary>Which sections each user holds for editing; shown while the user is present.</summary>
    public void SetEditing(ILookup<string, string> sections)
    {
        foreach (var user in _users.Values)
        {
            string[] editing = [.. sections[user.Id].Order(StringComparer.Ordinal)];
            if (!editing.AsSpan().SequenceEqual(user.Editing))
            {
                user.Editing = editing;
                _changed.Add(user.Id);
            }
        }
    }

    /// <summary>Whether the connection is here, live or within its grace.</summary>
    public bool Knows(string connection) => _connections.ContainsKey(connection);

    /// <summary>Whether the connection has the chart open, live or within its grace.</summary>
    public bool IsViewing(string connection) =>
        _connections.TryGetValue(connection, out var present) && present.Presence.Viewing is not null;

    /// <summary>Whether the connection is live here.</summary>
    public bool IsLive(string connection) => _connections.TryGetValue(connection, out var present) && present.IsLive;

    /// <summary>Ends what is over: the grace of broken connections, the lease of typing, the time of restricted charts that somebody opened with a reason.</summary>
    public void Sweep(DateTimeOffset now)
    {
        while (_due.TryPeek(out var id, out var due) && due <= now)
        {
            _due.Dequeue();
            if (!_connections.TryGetValue(id, out var connection))
            {
                continue;
            }

            if (connection.GoneAt <= now)
            {
                Remove(connection, connection.Cause, connection.BrokenAt);
            }
            else if (connection.ViewEndsAt <= now)
            {
                // Of a connection that broke before, nobody knows that it would have stayed until then.
                Remove(
                    connection,
                    connection.IsLive ? RemovalCause.Expired : connection.Cause,
                    connection.IsLive ? connection.ViewEndsAt.Value : connection.BrokenAt);
            }
            else if (connection.TypingUntil <= now)
            {
                connection.TypingUntil = null;
                _changed.Add(connection.Presence.User);
            }
        }
    }

    /// <summary>What changed since the last diff, as the next version; null when nothing that others see did.</summary>
    public PresenceDiff? TakeDiff(DateTimeOffset now)
    {
        List<PresenceEntry> joins = [], updates = [];
        List<string> leaves = [];
        foreach (var user in _changed)
        {
            var entry = EntryOf(user, now);
            if (_told.TryGetValue(user, out var told))
            {
                if (entry is null)
                {
                    _told.Remove(user);
                    leaves.Add(user);
                }
                else if (!entry.Equals(told))
                {
                    _told[user] = entry;
                    updates.Add(entry);
                }
            }
            else if (entry is not null && _told.Count < options.MaxEntries)
            {
                _told[user] = entry;
                joins.Add(entry);
            }
        }

        _changed.Clear();
        return joins.Count + updates.Count + leaves.Count == 0
            ? null
            : new PresenceDiff(epoch, ++Version, [.. joins], [.. updates], [.. leaves]);
    }

    /// <summary>What others have been told, at <see cref="Version"/>.</summary>
    public PresenceSnapshot ToldSnapshot() => new(epoch, Version, Complete, [.. _told.Values]);

    /// <summary>Everybody as of now, changes not told yet among them.</summary>
    public PresenceSnapshot CurrentSnapshot(DateTimeOffset now) =>
        new(epoch, Version, Complete, [.. _users.Keys.Select(user => EntryOf(user, now)).OfType<PresenceEntry>().Take(options.MaxEntries)]);

    /// <summary>Users with the chart open, live or within the grace.</summary>
    public IEnumerable<(string User, string Name, ChartView View)> Viewers() =>
        from user in _users.Values
        let view = user.View
        where view is not null
        select (user.Id, user.Name, view);

    /// <summary>A user's view of the chart, live or within the grace; null when they don't have it open.</summary>
    public ChartView? ViewOf(string user) => _users.GetValueOrDefault(user)?.View;

    /// <summary>Connections that are gone for good since the last call, in order.</summary>
    public IReadOnlyList<RemovedConnection> TakeRemoved()
    {
        RemovedConnection[] removed = [.. _removed];
        _removed.Clear();
        return removed;
    }

    private void Depart(string host, Departure departure, DateTimeOffset now)
    {
        if (!_connections.TryGetValue(departure.Connection, out var connection) || connection.Host != host)
        {
            return;
        }

        var at = now - departure.Age;
        switch (departure.Kind)
        {
            case DepartureKind.Closed:
                Remove(connection, RemovalCause.Closed, at);
                break;
            case DepartureKind.Expired:
                Remove(connection, RemovalCause.Expired, at);
                break;
            case DepartureKind.Revoked:
                Remove(connection, RemovalCause.Revoked, at);
                break;
            case DepartureKind.Broken:
                Break(connection, at, options.Grace, RemovalCause.ConnectionLost, atLeastUntil: now);
                break;
            default:
                Break(connection, at, options.DrainGrace, RemovalCause.ConnectionLost, atLeastUntil: now);
                break;
        }
    }

    private void Upsert(string host, ConnectionPresence presence, DateTimeOffset now)
    {
        if (presence.Viewing?.BreakGlass is { } glass && glass.Until <= now)
        {
            // A host that stood still, or whose word was held up: the view is over whatever it says.
            if (_connections.TryGetValue(presence.Connection, out var over))
            {
                Remove(over, RemovalCause.Expired, glass.Until);
            }

            return;
        }

        if (!_users.TryGetValue(presence.User, out var user))
        {
            user = new PresentUser(presence.User);
            _users.Add(presence.User, user);
        }

        if (!_connections.TryGetValue(presence.Connection, out var connection))
        {
            if (user.Connections.Count >= options.MaxConnectionsPerEntry)
            {
                return;
            }

            connection = new PresentConnection(host, presence);
            _connections.Add(presence.Connection, connection);
            user.Connections.Add(connection);
        }

        if (presence.TypingStamp == 0)
        {
            connection.TypingUntil = null;
        }
        else if (presence.TypingStamp != connection.TypingStamp)
        {
            connection.TypingUntil = now + options.TypingLease;
            _due.Enqueue(presence.Connection, connection.TypingUntil.Value);
        }

        if (presence.Since < user.Since)
        {
            user.Since = presence.Since;
        }

        connection.TypingStamp = presence.TypingStamp;
        connection.Presence = presence;
        if (connection.ViewEndsAt is { } ends && ends != connection.ViewEndIsDue)
        {
            connection.ViewEndIsDue = ends;
            _due.Enqueue(presence.Connection, ends);
        }

        connection.GoneAt = null;
        _changed.Add(presence.User);
    }

    private void Break(
        PresentConnection connection, DateTimeOffset brokenAt, TimeSpan grace, RemovalCause cause, DateTimeOffset? atLeastUntil = null)
    {
        if (!connection.IsLive)
        {
            return;
        }

        var goneAt = brokenAt + grace;
        if (goneAt < atLeastUntil)
        {
            goneAt = atLeastUntil.Value;
        }

        connection.BrokenAt = brokenAt;
        connection.GoneAt = goneAt;
        connection.Cause = cause;
        connection.TypingUntil = null;
        _due.Enqueue(connection.Presence.Connection, goneAt);
        _changed.Add(connection.Presence.User);
    }

    private void Remove(PresentConnection connection, RemovalCause cause, DateTimeOffset at)
    {
        var presence = connection.Presence;
        _connections.Remove(presence.Connection);
        _removed.Add(new RemovedConnection(presence.Connection, presence.User, cause, at));
        var user = _users[presence.User];
        user.Connections.Remove(connection);
        if (user.Connections.Count == 0)
        {
            _users.Remove(presence.User);
        }

        _changed.Add(presence.User);
    }

    private PresenceEntry? EntryOf(string id, DateTimeOffset now) => _users.TryGetValue(id, out var user) ? user.ToEntry(now) : null;
}
