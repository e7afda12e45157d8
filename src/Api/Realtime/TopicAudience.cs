using Clinic.Presence;
using Clinic.Streams;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace Clinic.Realtime;

/// <summary>The connections of this host that receive a topic. What waits together goes out in one call, serialized once a protocol for all of them.</summary>
internal sealed class TopicAudience(string name, RelayMetrics metrics)
{
    /// <summary>Events in one call to a client.</summary>
    private const int MaxEventsPerCall = 500;

    /// <summary>What an event adds to its data on the wire, about.</summary>
    private const int EventOverhead = 250;

    private readonly Dictionary<string, LiveConnection> _connections = [];
    private readonly List<WireEvent> _events = [];
    private readonly List<(WireSignal Signal, string? From)> _signals = [];
    private LiveConnection[]? _targets;
    private int _toldCount;

    public int Count => _connections.Count;

    public IReadOnlyCollection<string> Connections => _connections.Keys;

    public bool HasWaiting => _events.Count > 0;

    /// <summary>Whether the number of receivers changed a lot since the grain was told: it sets the pace of presence by it.</summary>
    public bool TakeCountChanged()
    {
        if (Math.Abs(Count - _toldCount) <= _toldCount / 4)
        {
            return false;
        }

        _toldCount = Count;
        return true;
    }

    public void Add(LiveConnection connection)
    {
        _connections[connection.Id] = connection;
        _targets = null;
    }

    public bool Remove(string connection)
    {
        _targets = null;
        return _connections.Remove(connection);
    }

    public void Add(WireEvent e) => _events.Add(e);

    public void Signal(SignalItem signal, string? from) =>
        _signals.Add((new WireSignal(name, signal.Name, new RawJson(signal.Data), signal.By), from));

    /// <summary>Sends what waits.</summary>
    /// <returns>Whether anything was sent.</returns>
    public bool Flush()
    {
        var waits = _connections.Count > 0 && _events.Count + _signals.Count > 0;
        FlushEvents();
        FlushSignals();
        return waits;
    }

    /// <summary>Tells of presence at once, after the events that came before it.</summary>
    public void Tell(PresenceDiff diff)
    {
        FlushEvents();
        metrics.PresenceTold();
        var wire = new WirePresenceDiff(
            name, diff.Epoch, diff.Version, [.. diff.Joins.Select(WireEntry.From)], [.. diff.Updates.Select(WireEntry.From)], diff.Leaves);
        Send(ClientMethods.Presence, wire, 200 * (diff.Joins.Length + diff.Updates.Length + 1));
    }

    /// <summary>A gap can't be closed: the clients reload and subscribe again, and get nothing until then.</summary>
    public void Reset()
    {
        _events.Clear();
        Send(ClientMethods.Reset, new WireReset(name), 100);

        _connections.Clear();
        _targets = null;
    }

    private void FlushEvents()
    {
        if (_events.Count == 0)
        {
            return;
        }

        if (_connections.Count > 0)
        {
            foreach (var events in _events.Chunk(MaxEventsPerCall))
            {
                Send(ClientMethods.Events, events, events.Sum(e => e.Data.Utf8.Length + EventOverhead));
            }

            metrics.Delivered(_events.Count, _connections.Count);
        }

        _events.Clear();
    }

    private void FlushSignals()
    {
        if (_signals.Count == 0)
        {
            return;
        }

        var senders = _signals.Where(s => s.From is not null).Select(s => s.From!).ToHashSet();
        WireSignal[] all = [.. _signals.Select(s => s.Signal)];
        Send(ClientMethods.Signals, all, all.Sum(s => s.Data.Utf8.Length + EventOverhead), except: senders);
        foreach (var sender in senders)
        {
            WireSignal[] others = [.. _signals.Where(s => s.From != sender).Select(s => s.Signal)];
            if (others.Length > 0 && _connections.TryGetValue(sender, out var connection))
            {
                connection.Outlet.Send(MessageOf(ClientMethods.Signals, others), others.Sum(s => s.Data.Utf8.Length + EventOverhead));
            }
        }

        _signals.Clear();
    }

    private void Send(string method, object argument, int size, HashSet<string>? except = null)
    {
        if (_connections.Count == 0)
        {
            return;
        }

        var message = MessageOf(method, argument);
        foreach (var connection in _targets ??= [.. _connections.Values])
        {
            if (except is null || !except.Contains(connection.Id))
            {
                connection.Outlet.Send(message, size);
            }
        }
    }

    private static SerializedHubMessage MessageOf(string method, object argument) => new(new InvocationMessage(method, [argument]));
}
