using Clinic.Presence;
using Clinic.Streams;
using Clinic.Topics;
using Microsoft.Extensions.Options;

namespace Clinic.Realtime;

/// <summary>This host's relay: from topics to connections, and from connections to the presence of topics. A hub's way to everything live.</summary>
internal sealed class TopicRelay
{
    private readonly RelayShard[] _shards;
    private readonly RelayOptions _options;
    private readonly TimeProvider _time;

    public TopicRelay(
        HostIdentity host, IGrainFactory grains, HostSilos silos, IOptions<RelayOptions> options, RelayMetrics metrics, TimeProvider time, ILogger<TopicRelay> logger)
    {
        (_options, _time) = (options.Value, time);
        var signals = new HostSignals(host.Id, grains, metrics, time, logger);
        _shards = [.. Enumerable.Range(0, Math.Clamp(Environment.ProcessorCount, 1, 8))
            .Select(_ => new RelayShard(host.Id, grains, _options, metrics, signals, silos.Add, time, logger))];
    }

    /// <summary>Sets who is told, on a shard and so without waiting, that who may see a chart has, or may have, changed, with the connections that it concerns here.</summary>
    public void OnChartChanged(Action<TopicId, IReadOnlyList<string>> act)
    {
        foreach (var shard in _shards)
        {
            shard.ChartChanged = act;
        }
    }

    /// <summary>Runs the relay until the host stops.</summary>
    public Task RunAsync(CancellationToken stopping) => Task.WhenAll(_shards.Select(s => Task.Run(() => s.RunAsync(stopping), CancellationToken.None)));

    /// <summary>Subscribes a connection; from the answer's offset on it gets every event.</summary>
    /// <exception cref="TimeoutException">The topic can't be reached.</exception>
    public async Task<WireSubscription> SubscribeAsync(LiveConnection connection, TopicId topic, LogPosition? since)
    {
        var joiner = new Joiner(connection, since);
        ShardOf(topic).With(topic, t => t.Join(joiner));
        try
        {
            return await joiner.Answer.WaitAsync(_options.CallLimit, _time);
        }
        catch (Exception)
        {
            // Only this attempt ends: who was subscribed before goes on being so.
            ShardOf(topic).WithKnown(topic, t => t.Abandon(joiner));
            throw;
        }
    }

    public void Unsubscribe(LiveConnection connection, TopicId topic) =>
        ShardOf(topic).WithKnown(topic, t => t.Unsubscribe(connection.Id));

    /// <summary>A connection's presence on a topic, new or changed; does not wait.</summary>
    public void Contribute(TopicId topic, ConnectionPresence presence) => ShardOf(topic).With(topic, t => t.Contribute(presence, null));

    /// <summary>The same, done when the topic's grain knows.</summary>
    /// <exception cref="TimeoutException">The topic can't be reached.</exception>
    public async Task ContributeAndWaitAsync(TopicId topic, ConnectionPresence presence)
    {
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        ShardOf(topic).With(topic, t => t.Contribute(presence, told));
        await told.Task.WaitAsync(_options.CallLimit, _time);
    }

    public void Withdraw(TopicId topic, string connection, DepartureKind kind) =>
        ShardOf(topic).WithKnown(topic, t => t.Withdraw(connection, kind, null));

    /// <summary>The same, done when the topic's grain knows.</summary>
    /// <exception cref="TimeoutException">The topic can't be reached.</exception>
    public async Task WithdrawAndWaitAsync(TopicId topic, string connection, DepartureKind kind)
    {
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        ShardOf(topic).With(topic, t => t.Withdraw(connection, kind, told));
        await told.Task.WaitAsync(_options.CallLimit, _time);
    }

    public void Signal(SignalItem signal, string fromConnection) =>
        ShardOf(signal.Topic).With(signal.Topic, t => t.Signal(signal, fromConnection));

    /// <summary>This host's copy of a topic's presence, or the topic's own word when there is none here.</summary>
    public async Task<WirePresence> GetPresenceAsync(TopicId topic, IGrainFactory grains)
    {
        var copy = new TaskCompletionSource<WirePresence?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var shard = ShardOf(topic);
        shard.Post(() => copy.TrySetResult(null), topic, t => copy.TrySetResult(t.TryGetPresence(out var presence) ? presence : null));
        if (await copy.Task.WaitAsync(_options.CallLimit, _time) is { } known)
        {
            return known;
        }

        return WirePresence.From(await grains.GetTopic(topic).GetPresenceAsync());
    }

    /// <summary>Items that one outbox sent, in order.</summary>
    /// <param name="items">At least one.</param>
    /// <param name="taken">Called when every topic has its share.</param>
    public void Take(RelayItem[] items, Action taken)
    {
        var shares = items.GroupBy(item => ShardOf(item.Topic)).ToList();
        var left = shares.Count;
        foreach (var share in shares)
        {
            share.Key.Take([.. share]);
            share.Key.Post(() =>
            {
                if (Interlocked.Decrement(ref left) == 0)
                {
                    taken();
                }
            });
        }
    }

    /// <summary>The outbox that a silo has for this host now; what came before it is given up.</summary>
    public void OutboxIs(string silo, string outbox)
    {
        foreach (var shard in _shards)
        {
            shard.OutboxIs(silo, outbox);
        }
    }

    /// <summary>A silo is silent, or forgot this host: its topics attach again, wherever they are now.</summary>
    public void AttachAgain(string silo, string reason)
    {
        foreach (var shard in _shards)
        {
            shard.AttachAgain(silo, reason);
        }
    }

    /// <summary>Done when the grains know of everything that happened here so far, and that this host has no use for them any more.</summary>
    public Task LeaveAsync() => Task.WhenAll(_shards.Select(s => s.LeaveAsync()));

    private RelayShard ShardOf(TopicId topic) => _shards[(topic.GetHashCode() & int.MaxValue) % _shards.Length];
}
