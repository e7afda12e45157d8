using Clinic.Presence;
using Clinic.Security;
using Clinic.Topics;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace Clinic.Realtime.Simulation;

/// <summary>
/// A client of the contract: subscribes, drops what it knows, and reports every hole, repeat and swap. It also watches who is shown present.
/// </summary>
internal sealed class SimClient
{
    private readonly SimWorld _world;
    private readonly TopicId _topic;
    private readonly Dictionary<string, WireEntry> _present = [];
    private readonly List<InvocationMessage> _early = [];
    private LiveConnection? _connection;
    private Joiner? _joining;
    private DateTimeOffset _liveSince;
    private LogPosition? _position;
    private bool _subscribed;
    private int _life;

    public SimClient(SimWorld world, string user, TopicId topic)
    {
        (_world, User, _topic) = (world, user, topic);
        world.Clients.Add(this);
        Connect();
    }

    public string User { get; }

    public TopicId Topic => _topic;

    public SimHost? Host { get; private set; }

    public bool IsLive => _connection is not null;

    public DateTimeOffset? DeadSince { get; private set; }

    public bool StaysAway { get; set; }

    public long Offset => _position?.Offset ?? -1;

    public bool IsSubscribed => _subscribed;

    public IReadOnlyCollection<string> Shown => _present.Keys;

    public void ConnectionDied()
    {
        if (_connection is null)
        {
            return;
        }

        var (connection, host) = (_connection, Host!);
        _world.Note($"{User} of {_topic} loses its connection to {host.Id}");
        connection.IsGone = true;
        _connection = null;
        _subscribed = false;
        _joining = null;
        DeadSince = _world.Now;
        _life++;
        _present.Clear();
        if (host.IsAlive)
        {
            host.Shard.WithKnown(_topic, t => t.Withdraw(connection.Id, DepartureKind.Broken, null));
            host.Shard.WithKnown(_topic, t => t.Unsubscribe(connection.Id));
        }

        if (!StaysAway)
        {
            _world.After(0.1 + (_world.Random.NextDouble() * 0.5), Connect);
        }
    }

    private void Connect()
    {
        var hosts = _world.Hosts.Where(h => h.IsAlive).ToList();
        if (StaysAway || hosts.Count == 0)
        {
            return;
        }

        Host = hosts[_world.Random.Next(hosts.Count)];
        var life = ++_life;
        var outlet = new ConnectionOutlet(m => Receive(life, m), () => { }, Host.Options, Host.Metrics);
        _connection = new LiveConnection($"{User}-{life}", outlet) { Caller = new Caller(_topic.Tenant, User, User, [], false) };
        DeadSince = null;
        _liveSince = _world.Now;
        _early.Clear();
        var presence = _connection.PresenceOn(_topic, _world.Now);
        Host.Shard.With(_topic, t => t.Contribute(presence, null));
        Subscribe();
    }

    private void Subscribe()
    {
        var joiner = new Joiner(_connection!, _position);
        _joining = joiner;
        Host!.Shard.With(_topic, t => t.Join(joiner));
    }

    /// <summary>Takes the answer of a subscription as soon as it is there.</summary>
    public void Poll()
    {
        if (_joining is { Answer.IsCompletedSuccessfully: true } joined)
        {
            _joining = null;
            Apply(joined.Answer.GetAwaiter().GetResult());
        }
    }

    private void Apply(WireSubscription answer)
    {
        if (_position is not null && !answer.Recovered && _world.MustRecover)
        {
            _world.Violate($"{User}: not recovered from {Offset}");
        }

        if (answer.Recovered)
        {
            foreach (var e in answer.Events)
            {
                Take(e);
            }

            if (Offset != answer.Offset)
            {
                _world.Violate($"{User}: recovered up to {Offset}, told {answer.Offset}");
            }
        }

        _position = new LogPosition(answer.Epoch, answer.Offset);
        _subscribed = true;
        _present.Clear();
        foreach (var entry in answer.Presence.Entries)
        {
            _present[entry.User] = entry;
        }

        foreach (var early in _early)
        {
            Handle(early);
        }

        _early.Clear();
    }

    private ValueTask Receive(int life, SerializedHubMessage serialized)
    {
        if (life == _life && serialized.Message is InvocationMessage message)
        {
            if (_subscribed)
            {
                Handle(message);
            }
            else
            {
                _early.Add(message);
            }
        }

        return ValueTask.CompletedTask;
    }

    private void Handle(InvocationMessage message)
    {
        switch (message.Arguments[0])
        {
            case WireEvent[] events:
                foreach (var e in events)
                {
                    Take(e);
                }

                break;
            case WirePresenceDiff diff:
                TakeDiff(diff);
                break;
            case WireReset:
                if (_world.MustRecover)
                {
                    _world.Violate($"{User}: reset at {Offset}");
                }

                _position = null;
                _subscribed = false;
                Subscribe();
                break;
        }
    }

    private void Take(WireEvent e)
    {
        if (e.Offset != Offset + 1)
        {
            _world.Violate($"{User}: offset {e.Offset} after {Offset}");
        }

        var stored = _world.Logs[_topic][(int)e.Offset - 1];
        if (stored.Id != e.Id)
        {
            _world.Violate($"{User}: offset {e.Offset} is {e.Id}, stored {stored.Id}");
        }

        _position = new LogPosition(e.Epoch, e.Offset);
    }

    private void TakeDiff(WirePresenceDiff diff)
    {
        foreach (var entry in diff.Joins.Concat(diff.Updates))
        {
            _present[entry.User] = entry;
        }

        foreach (var user in diff.Leaves)
        {
            _present.Remove(user);
            var client = _world.Clients.Single(c => c.User == user);
            if (client.IsLive && _world.Now - client._liveSince > _world.BlinkLimit)
            {
                _world.Violate($"{User} was shown {user} offline, who is connected");
            }
        }
    }
}
