using Clinic.Presence;
using Clinic.Streams;
using Clinic.Topics;

namespace Clinic.Realtime.Simulation;

/// <summary>A silo: activations, a lane to each host, its own view of which hosts are alive.</summary>
internal sealed class SimSilo
{
    private readonly Dictionary<string, HostLane> _lanes = [];
    private readonly Dictionary<string, DateTimeOffset> _heard = [];
    private readonly List<Action> _parked = [];
    private readonly List<Action> _whenOut = [];
    private readonly OutboxOptions _options;
    private readonly DateTimeOffset _startedAt;
    private bool _hangs;

    public SimSilo(SimWorld world, string name)
    {
        (World, Name, _startedAt) = (world, name, world.Now);
        _options = world.SmallLanes ? new() { Window = 2, MaxBatchItems = 3, MaxWaitingItems = 20 } : new() { Window = 4 };
        world.Note($"{name} comes");
        world.Silos.Add(this);
        world.Every(1, () =>
        {
            if (IsRunning)
            {
                Beat();
            }

            return IsAlive;
        });
        world.Every(0.1, () =>
        {
            if (IsRunning)
            {
                foreach (var activation in Activations.Values.ToArray())
                {
                    activation.Tick();
                }

                Pump();
            }

            return IsAlive;
        });
        LastLoss = world.Now;
    }

    public SimWorld World { get; }

    public string Name { get; }

    /// <summary>Whether its process is there.</summary>
    public bool IsAlive { get; private set; } = true;

    /// <summary>Whether the cluster counts it as a silo; one that hung for long is out, and does not know it when it wakes.</summary>
    public bool IsIn { get; private set; } = true;

    public bool IsRunning => IsAlive && !_hangs;

    public DateTimeOffset LastLoss { get; set; }

    /// <summary>As HostDirectory has it: too young to have heard of every host.</summary>
    public bool MayMissHosts => World.Now - _startedAt < TimeSpan.FromSeconds(3);

    public Dictionary<TopicId, SimActivation> Activations { get; } = [];

    public IReadOnlyCollection<string> LiveHosts => _heard.Keys;

    public SimActivation Activate(TopicId topic) => Activations[topic] = new SimActivation(this, topic);

    public void Emit(string host, RelayItem item) => LaneOf(host).Add(item);

    public string OutboxFor(string host) => LaneOf(host).Id;

    public bool Heard(string host)
    {
        var known = _heard.ContainsKey(host);
        _heard[host] = World.Now;
        LaneOf(host);
        return known;
    }

    /// <summary>What arrives at it: lost with a dead one, late with one that hangs.</summary>
    public void Do(Action work)
    {
        if (_hangs)
        {
            _parked.Add(work);
        }
        else if (IsAlive)
        {
            work();
        }
    }

    public void Confirm(string host, string outbox, long sequence)
    {
        if (LaneOf(host).Confirm(outbox, sequence))
        {
            LaneOf(host).ProgressAt = World.Now.UtcTicks;
            Pump();
        }
    }

    public void Resend(string host, string outbox, long after)
    {
        foreach (var batch in LaneOf(host).Missing(outbox, after))
        {
            Deliver(host, batch);
        }
    }

    public void Pump()
    {
        if (!IsRunning)
        {
            return;
        }

        foreach (var (host, lane) in _lanes)
        {
            while (lane.TakeBatch() is { } batch)
            {
                lane.ProgressAt = World.Now.UtcTicks;
                Deliver(host, batch);
            }
        }
    }

    /// <summary>Dies; the cluster knows of it 3 s later.</summary>
    public void Kill()
    {
        IsAlive = false;
        World.Note($"{Name} is killed");
        World.After(3, GetOut);
    }

    /// <summary>Stands still; after 8 s the cluster gives it up, but when it goes on it serves what still reaches it until it learns that.</summary>
    public void Hang(double seconds, double lastsAfterwards)
    {
        _hangs = true;
        World.Note($"{Name} hangs");
        World.After(8, () =>
        {
            if (_hangs)
            {
                GetOut();
            }
        });
        World.After(seconds, () =>
        {
            World.Note($"{Name} goes on");
            _hangs = false;
            foreach (var work in _parked.ToArray())
            {
                work();
            }

            _parked.Clear();
            Forgive(seconds);
            if (!IsIn)
            {
                World.After(lastsAfterwards, () =>
                {
                    World.Note($"{Name} learns that it is out");
                    IsAlive = false;
                });
            }
        });
    }

    /// <summary>Stops in an orderly way: its topics tell their hosts, and are elsewhere at once.</summary>
    public void Stop()
    {
        World.Note($"{Name} stops");
        foreach (var activation in Activations.Values)
        {
            activation.Deactivate();
        }

        Pump();
        GetOut();
        Activations.Clear();
        IsAlive = false;
    }

    /// <summary>Calls to it fail when the cluster gives it up.</summary>
    public void WhenOut(Action act)
    {
        if (IsIn)
        {
            _whenOut.Add(act);
        }
    }

    private void GetOut()
    {
        IsIn = false;
        _whenOut.ForEach(act => act());
        _whenOut.Clear();
        foreach (var silo in World.Silos)
        {
            silo.LastLoss = World.Now;
        }
    }

    /// <summary>As HostDirectory does after its own process stood still.</summary>
    private void Forgive(double seconds)
    {
        foreach (var host in _heard.Keys.ToArray())
        {
            _heard[host] += TimeSpan.FromSeconds(seconds);
        }
    }

    private void Beat()
    {
        foreach (var (host, lane) in _lanes)
        {
            if (lane.Unconfirmed > 0 && World.Now.UtcTicks - lane.ProgressAt > TimeSpan.FromSeconds(2).Ticks)
            {
                lane.ProgressAt = World.Now.UtcTicks;
                foreach (var batch in lane.Unanswered())
                {
                    Deliver(host, batch);
                }
            }

            Deliver(host, lane.Beat());
        }

        foreach (var (host, heard) in _heard.ToArray())
        {
            // The others are asked too, as HostDirectory does.
            var elsewhere = World.Silos.Where(s => s.IsRunning && s.IsIn).Select(s => s._heard.GetValueOrDefault(host)).Max();
            if (World.Now - (elsewhere > heard ? elsewhere : heard) > TimeSpan.FromSeconds(3))
            {
                World.Note($"{Name} gives {host} up");
                _heard.Remove(host);
                _lanes.Remove(host);
                foreach (var activation in Activations.Values)
                {
                    activation.HostLost(host, heard);
                }
            }
        }
    }

    private void Deliver(string host, HostBatch batch) =>
        World.Send(() => World.Hosts.FirstOrDefault(h => h.Id == host)?.Take(batch));

    private HostLane LaneOf(string host)
    {
        if (!_lanes.TryGetValue(host, out var lane))
        {
            lane = new HostLane(Name, _options, World.Now.UtcTicks) { ProgressAt = World.Now.UtcTicks };
            _lanes.Add(host, lane);
        }

        return lane;
    }
}

/// <summary>A topic's activation: what TopicGrain does, without Orleans.</summary>
internal sealed class SimActivation
{
    private const string Epoch = "log";
    private static readonly PresenceOptions Options = new();
    private readonly PresenceSet _presence = new(Guid.NewGuid().ToString("N"), Options);
    private readonly PresencePace _pace = new(Options);
    private readonly TopicRebuild _rebuild = new(Options);
    private readonly AttachedHosts _hosts = new();
    private readonly TopicId _topic;
    private int _head;

    public SimActivation(SimSilo silo, TopicId topic)
    {
        (Silo, _topic, _head) = (silo, topic, silo.World.Logs[topic].Count);
        silo.World.Note($"{topic} comes up on {silo.Name}");
        if (_rebuild.Begin(silo.LastLoss, silo.LiveHosts, silo.MayMissHosts, silo.World.Now))
        {
            _presence.Complete = false;
            foreach (var host in silo.LiveHosts)
            {
                silo.Emit(host, new ReattachItem(topic));
            }
        }
    }

    public SimSilo Silo { get; }

    private List<TopicEvent> Log => Silo.World.Logs[_topic];

    private LogPosition Head => new(Epoch, _head);

    public void Deactivate()
    {
        foreach (var host in _hosts.Names)
        {
            Silo.Emit(host, new ReattachItem(_topic));
        }
    }

    public void Publish(string id)
    {
        if (Log.Count > _head)
        {
            // As TopicJournal does when it meets another writer.
            Emit(new EventsItem(_topic, Epoch, [.. Log.Skip(_head)]));
        }

        var e = new TopicEvent("test:event", id, Log.Count + 1, Silo.World.Now, "{}"u8.ToArray(), null);
        Log.Add(e);
        _head = Log.Count;
        Emit(new EventsItem(_topic, Epoch, [e]));
    }

    public Attached Attach(Attachment attachment)
    {
        if (_hosts.Attach(attachment.Host, attachment.Sequence, attachment.Subscribers))
        {
            Silo.Heard(attachment.Host);
            _presence.Replace(attachment.Host, attachment.Connections, attachment.Departures, Silo.World.Now);
            Tell();
        }

        if (_rebuild.Answered(attachment.Host))
        {
            FinishRebuild();
        }

        Tell(atOnce: true);
        var snapshot = _presence.ToldSnapshot();
        Silo.World.Note(
            $"{attachment.Host} attaches {_topic} on {Silo.Name} with {string.Join(",", attachment.Connections.Select(c => c.Connection))}: "
            + $"version {snapshot.Version}, complete {snapshot.Complete}, {string.Join(",", snapshot.Entries.Select(e => e.User))}");
        return new Attached(Head, Silo.OutboxFor(attachment.Host), Silo.Name, snapshot);
    }

    public bool Detach(string host, long sequence)
    {
        if (_hosts.Detach(host, sequence))
        {
            _presence.Replace(host, [], [], Silo.World.Now);
        }

        _rebuild.Answered(host);
        return true;
    }

    public bool Change(string host, PresenceChanges changes)
    {
        if (!_hosts.Report(host, changes.Sequence, changes.Subscribers, out var isNewest))
        {
            return false;
        }

        if (!isNewest)
        {
            return true;
        }

        Silo.World.Note(
            $"{host} reports to {_topic}: +{string.Join(",", changes.Upserts.Select(c => c.Connection))} "
            + $"-{string.Join(",", changes.Departures.Select(d => d.Connection))}");
        _presence.Change(host, changes, Silo.World.Now);
        Tell();
        return true;
    }

    public LogSlice Read(LogPosition? since) =>
        since is { } position && position.Epoch == Epoch && position.Offset <= _head && _head - position.Offset <= Silo.World.MaxRecovery
            ? new LogSlice(Head, true, [.. Log.Take(_head).Skip((int)position.Offset)])
            : new LogSlice(Head, false, []);

    public void HostLost(string host, DateTimeOffset lastHeard)
    {
        if (_hosts.Lose(host))
        {
            _presence.HostLost(host, lastHeard, Silo.World.Now);
        }

        _rebuild.Answered(host);
    }

    public void Tick()
    {
        _presence.Sweep(Silo.World.Now);
        Tell();
        if (_rebuild.EndsAt <= Silo.World.Now)
        {
            FinishRebuild();
        }
    }

    private void FinishRebuild()
    {
        Silo.World.Note($"{_topic} is rebuilt");
        _rebuild.End();
        _presence.Complete = true;
        Tell(atOnce: true);
        Emit(new SnapshotItem(_topic, _presence.ToldSnapshot()));
    }

    private void Tell(bool atOnce = false)
    {
        if (_presence.HasChanges && (atOnce || _pace.DueAt(_hosts.Receivers) <= Silo.World.Now) && _presence.TakeDiff(Silo.World.Now) is { } diff)
        {
            _pace.DiffTold(Silo.World.Now);
            Silo.World.Note(
                $"{_topic} on {Silo.Name} tells version {diff.Version}: +{string.Join(",", diff.Joins.Select(e => e.User))} "
                + $"~{string.Join(",", diff.Updates.Select(e => $"{e.User} {e.Status}"))} -{string.Join(",", diff.Leaves)}");
            Emit(new PresenceItem(_topic, diff));
        }
    }

    private void Emit(RelayItem item)
    {
        foreach (var host in _hosts.Names)
        {
            Silo.Emit(host, item);
        }
    }
}
