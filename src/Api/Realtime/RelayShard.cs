using System.Threading.Channels;
using Clinic.Streams;
using Clinic.Topics;

namespace Clinic.Realtime;

/// <summary>
/// Runs a share of this host's topics, one piece of work after another, so that a topic needs no lock. Whatever is waiting when a round begins is done before anything
/// goes out to clients; so under load events join into fewer, larger calls, and alone they go out at once. A topic with many receivers pauses between its calls, so that theirs do.
/// </summary>
internal sealed partial class RelayShard
{
    public static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(300);
    /// <summary>A topic that takes longer is tried again; it may have moved meanwhile.</summary>
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan TickPeriod = TimeSpan.FromMilliseconds(200);
    private const int MaxRound = 1000;

    private readonly Channel<Action> _work = Channel.CreateUnbounded<Action>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Dictionary<TopicId, RelayedTopic> _topics = [];
    private readonly Dictionary<string, string> _outboxes = [];
    private readonly HashSet<RelayedTopic> _toFlush = [];
    private readonly Action<string> _attachedTo;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private long _sequence;
    private bool _waking;

    public RelayShard(
        string host, IGrainFactory grains, RelayOptions options, RelayMetrics metrics, HostSignals signals, Action<string> attachedTo, TimeProvider time, ILogger logger)
    {
        (Host, Grains, Options, Metrics, Signals, _attachedTo, _time, _logger) = (host, grains, options, metrics, signals, attachedTo, time, logger);
    }

    public string Host { get; }

    public IGrainFactory Grains { get; }

    public RelayOptions Options { get; }

    /// <summary>Told that who may see a chart has, or may have, changed, with the connections that it concerns here.</summary>
    public Action<TopicId, IReadOnlyList<string>>? ChartChanged { get; set; }

    public RelayMetrics Metrics { get; }

    /// <summary>The way to the silos that all shards of the host share.</summary>
    public HostSignals Signals { get; }

    public DateTimeOffset Now => _time.GetUtcNow();

    /// <summary>A time to measure from, whatever becomes of the clock.</summary>
    public long Timestamp => _time.GetTimestamp();

    public TimeSpan Since(long timestamp) => _time.GetElapsedTime(timestamp);

    /// <summary>Has work done on the shard, in the order of posting.</summary>
    public void Post(Action work) => _work.Writer.TryWrite(work);

    /// <summary>Has something done with a topic, which comes to life for it.</summary>
    public void With(TopicId topic, Action<RelayedTopic> act) => Post(() => act(TopicOf(topic)));

    /// <summary>Has something done with a topic if this host knows it.</summary>
    public void WithKnown(TopicId topic, Action<RelayedTopic> act) => Post(() => { }, topic, act);

    /// <summary>Has something done with a topic if this host knows it, or else something else.</summary>
    public void Post(Action otherwise, TopicId topic, Action<RelayedTopic> act) => Post(() =>
    {
        if (_topics.TryGetValue(topic, out var known))
        {
            act(known);
        }
        else
        {
            otherwise();
        }
    });

    /// <summary>Items of one outbox, in order.</summary>
    public void Take(IReadOnlyList<RelayItem> items) => Post(() =>
    {
        foreach (var item in items)
        {
            Take(item);
        }
    });

    /// <summary>The outbox that a silo has for this host now: topics that were attached through a former one attach again.</summary>
    public void OutboxIs(string silo, string outbox) => Post(() =>
    {
        _outboxes[silo] = outbox;
        foreach (var topic in _topics.Values.Where(t => t.Silo == silo && IsOver(silo, t.Outbox!)).ToArray())
        {
            topic.AttachAgain("outbox");
        }
    });

    /// <summary>A silo is silent, or forgot this host.</summary>
    public void AttachAgain(string silo, string reason) => Post(() =>
    {
        foreach (var topic in _topics.Values.Where(t => t.Silo == silo).ToArray())
        {
            topic.AttachAgain(reason);
        }
    });

    /// <summary>Whether an outbox has been followed by a later one of its silo.</summary>
    public bool IsOver(string silo, string outbox) =>
        _outboxes.TryGetValue(silo, out var current) && string.CompareOrdinal(outbox, current) < 0;

    /// <summary>Tells every topic what it has not heard yet, and detaches from it.</summary>
    public async Task LeaveAsync()
    {
        var told = new TaskCompletionSource<Task>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() => told.TrySetResult(Task.WhenAll(_topics.Values.Select(t => t.LeaveAsync()))));
        await await told.Task;
    }

    /// <summary>Nobody here needs the topic any more, and its grain knows.</summary>
    public void Forget(RelayedTopic topic)
    {
        if (_topics.Remove(topic.Topic))
        {
            Metrics.TopicLeft();
        }
    }

    public void MustFlush(RelayedTopic topic) => _toFlush.Add(topic);

    /// <summary>Numbers what this host says to topics.</summary>
    public long NextSequence() => ++_sequence;

    public void AttachedTo(string silo) => _attachedTo(silo);

    /// <summary>Calls a grain; what comes of it is work of the shard.</summary>
    public void Call<T>(Func<Task<T>> call, Action<T> done, Action<Exception> failed) => _ = CallAsync(call, done, failed);

    /// <inheritdoc cref="Call{T}" />
    public void Call(Func<Task> call, Action<bool> done, Action<Exception>? failed = null) =>
        Call(
            async () =>
            {
                await call();
                return true;
            },
            done,
            failed ?? (_ => { }));

    /// <summary>Runs until the host stops.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(TickPeriod, _time);
        var tick = timer.WaitForNextTickAsync(stopping).AsTask();
        var ready = _work.Reader.WaitToReadAsync(stopping).AsTask();
        try
        {
            while (true)
            {
                await Task.WhenAny(tick, ready);
                if (tick.IsCompleted)
                {
                    await tick;
                    Tick();
                    tick = timer.WaitForNextTickAsync(stopping).AsTask();
                }

                if (ready.IsCompleted)
                {
                    await ready;
                    RunRound();
                    ready = _work.Reader.WaitToReadAsync(stopping).AsTask();
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    /// <summary>Does what waits, then sends on what came of it.</summary>
    internal void RunRound()
    {
        for (var i = 0; i < MaxRound && _work.Reader.TryRead(out var work); i++)
        {
            Try(work);
        }

        if (_toFlush.Count > 0)
        {
            Flush();
        }
    }

    /// <summary>What time brings to the topics.</summary>
    internal void Tick()
    {
        var now = Now;
        foreach (var topic in _topics.Values)
        {
            try
            {
                topic.Tick(now);
            }
            catch (Exception e)
            {
                // As in Try: the shard ticks on.
                WorkFailed(_logger, e);
            }
        }
    }

    /// <summary>Sends on what is due; topics that send only now and then keep theirs until their pause is over.</summary>
    private void Flush()
    {
        var next = TimeSpan.MaxValue;
        _toFlush.RemoveWhere(topic =>
        {
            if (topic.SendPause is var pause && pause > TimeSpan.Zero)
            {
                next = pause < next ? pause : next;
                return false;
            }

            Try(topic.Flush);
            return true;
        });
        if (_toFlush.Count > 0 && !_waking)
        {
            _waking = true;
            _ = WakeAsync(next);
        }
    }

    private async Task WakeAsync(TimeSpan after)
    {
        await Task.Delay(after, _time);
        Post(() => _waking = false);
    }

    private void Take(RelayItem item)
    {
        try
        {
            if (_topics.TryGetValue(item.Topic, out var topic))
            {
                _toFlush.Add(topic);
                topic.Take(item);
            }
            else if (item is ReattachItem)
            {
                // The topic waits for this host's word: there is nothing here.
                Call(() => Grains.GetTopic(item.Topic).DetachAsync(Host, NextSequence()), _ => { });
            }
        }
        catch (Exception e)
        {
            // As in Try: the batch is confirmed as a whole, so the items after this one would be missing.
            WorkFailed(_logger, e);
        }
    }

    private RelayedTopic TopicOf(TopicId id)
    {
        if (!_topics.TryGetValue(id, out var topic))
        {
            topic = new RelayedTopic(id, this);
            _topics.Add(id, topic);
            Metrics.TopicCame();
        }

        return topic;
    }

    private async Task CallAsync<T>(Func<Task<T>> call, Action<T> done, Action<Exception> failed)
    {
        try
        {
            var result = await call().WaitAsync(CallLimit, _time);
            Post(() => done(result));
        }
        catch (Exception e)
        {
            // A silo is going or gone, or the database is: the topic tries again until it is there.
            CallFailed(_logger, e.GetType().Name, e.Message);
            Post(() => failed(e));
        }
    }

    private void Try(Action work)
    {
        try
        {
            work();
        }
        catch (Exception e)
        {
            // A bug in one topic must not stop the others of the shard.
            WorkFailed(_logger, e);
        }
    }

    [LoggerMessage(1, LogLevel.Error, "A piece of the relay's work failed.")]
    private static partial void WorkFailed(ILogger logger, Exception e);

    [LoggerMessage(2, LogLevel.Debug, "A call to a topic failed and is tried again: {Kind} {Reason}")]
    private static partial void CallFailed(ILogger logger, string kind, string reason);
}
