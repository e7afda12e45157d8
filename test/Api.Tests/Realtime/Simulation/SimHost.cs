using System.Reflection;
using Clinic.Hosting;
using Clinic.Presence;
using Clinic.Streams;
using Clinic.Tenancy;
using Clinic.Topics;
using Microsoft.Extensions.Logging.Abstractions;

namespace Clinic.Realtime.Simulation;

/// <summary>An Api host: the real relay shard and trackers, with the stream reader's and the beat's few lines around them.</summary>
internal sealed class SimHost
{
    private readonly Dictionary<string, OutboxTracker> _trackers = [];
    private readonly Dictionary<string, DateTimeOffset> _heard = [];
    private readonly HashSet<string> _known = [];

    public SimHost(SimWorld world, string id)
    {
        (World, Id) = (world, id);
        var grains = DispatchProxy.Create<IGrainFactory, SimGrainFactory>();
        ((SimGrainFactory)(object)grains).Host = this;
        Options = new RelayOptions();
        Metrics = new RelayMetrics(new NoMeters());
        var signals = new HostSignals(id, grains, Metrics, world.Time, NullLogger.Instance);
        Shard = new RelayShard(id, grains, Options, Metrics, signals, _ => { }, world.Time, NullLogger.Instance);
        world.Hosts.Add(this);
        world.Every(0.2, () =>
        {
            Shard.Tick();
            return IsAlive;
        });
        world.Every(1, () =>
        {
            Beat();
            return IsAlive;
        });
    }

    public SimWorld World { get; }

    public string Id { get; }

    public bool IsAlive { get; private set; } = true;

    /// <summary>When a call of it was lost, or took long, last.</summary>
    public DateTimeOffset TroubledAt { get; set; }

    public RelayShard Shard { get; }

    public RelayOptions Options { get; }

    public RelayMetrics Metrics { get; }

    public void Work()
    {
        if (IsAlive)
        {
            Shard.RunRound();
        }
    }

    public void Take(HostBatch batch)
    {
        if (!IsAlive)
        {
            return;
        }

        if (!_trackers.TryGetValue(batch.Silo, out var tracker))
        {
            _trackers[batch.Silo] = tracker = new OutboxTracker();
        }

        _heard[batch.Silo] = World.Now;
        var verdict = tracker.Judge(batch, out var isNew);
        if (isNew)
        {
            Shard.OutboxIs(batch.Silo, batch.Outbox);
        }

        var silo = World.Silos.First(s => s.Name == batch.Silo);
        var (outbox, sequence) = (tracker.Outbox!, tracker.Sequence);
        if (verdict == OutboxVerdict.Take)
        {
            Shard.Take(batch.Items);
        }

        if (verdict == OutboxVerdict.AskAgain)
        {
            World.Send(() => silo.Do(() => silo.Resend(Id, outbox, sequence)));
        }
        else if (batch.Items.Length > 0 && batch.Outbox == outbox)
        {
            World.Send(() => silo.Do(() => silo.Confirm(Id, outbox, sequence)));
        }
    }

    /// <summary>Dies with its connections; their clients come back elsewhere.</summary>
    public void Kill()
    {
        IsAlive = false;
        World.Note($"{Id} is killed");
        foreach (var client in World.Clients.Where(c => c.Host == this))
        {
            client.ConnectionDied();
        }
    }

    private void Beat()
    {
        foreach (var silo in World.Silos.Where(s => s.IsAlive))
        {
            World.Send(() => silo.Do(() =>
            {
                var known = silo.Heard(Id);
                World.Send(() =>
                {
                    if (IsAlive && !known && !_known.Add(silo.Name))
                    {
                        Shard.AttachAgain(silo.Name, "forgotten");
                    }
                });
            }));
        }

        foreach (var (silo, heard) in _heard)
        {
            if (World.Now - heard > Options.OutboxSilence)
            {
                _heard[silo] = World.Now;
                Shard.AttachAgain(silo, "silence");
            }
        }
    }
}

/// <summary>Hands out topics that are reached over the simulated network.</summary>
public class SimGrainFactory : DispatchProxy
{
    internal SimHost Host { get; set; } = null!;

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        new SimTopicReference(Host, TopicId.Parse((string)args![0]!));
}

/// <summary>A topic as a host calls it.</summary>
internal sealed class SimTopicReference(SimHost host, TopicId topic) : ITenantGrain
{
    public Task<Attached> AttachAsync(Attachment attachment) => host.World.Call(host, topic, a => a.Attach(attachment));

    public Task DetachAsync(string hostId, long sequence) => host.World.Call(host, topic, a => a.Detach(hostId, sequence));

    public Task<bool> ChangePresenceAsync(string hostId, PresenceChanges changes) => host.World.Call(host, topic, a => a.Change(hostId, changes));

    public Task<LogSlice> ReadAsync(LogPosition? since) => host.World.Call(host, topic, a => a.Read(since));

    public Task<PresenceSnapshot> GetPresenceAsync() => throw new NotSupportedException();

    public Task<PublishResult> PublishAsync(EventDraft draft) => throw new NotSupportedException();

    public Task DrainAsync() => throw new NotSupportedException();

    public Task SignalAsync(string fromHost, SignalItem[] signals) => throw new NotSupportedException();

    public Task HostLostAsync(string hostId, DateTimeOffset lastHeard) => throw new NotSupportedException();
}
