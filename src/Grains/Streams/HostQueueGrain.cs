using Orleans.Concurrency;
using Orleans.Placement;
using Orleans.Runtime.Placement;

namespace Clinic.Streams;

/// <inheritdoc cref="IHostQueueGrain" />
[Reentrant, PreferLocalPlacement, GrainType("host-queue")]
internal sealed class HostQueueGrain(TimeProvider time, ILocalSiloDetails silo) : Grain, IHostQueueGrain, IGrainMigrationParticipant
{
    private const string Held = "held";
    private const string Last = "last";

    /// <summary>More than every outbox together may have unconfirmed; what falls out is sent again by its outbox.</summary>
    private const int MaxMessages = 10_000;

    /// <summary>Two agents may read while one hands over to the other: the queue does not run to and fro between them.</summary>
    private static readonly TimeSpan Stay = TimeSpan.FromSeconds(5);

    private readonly Queue<HostQueueMessage> _messages = new();
    private readonly DateTimeOffset _came = time.GetUtcNow();

    /// <summary>Starts with the clock, so that a queue that came up anew continues above what its readers have seen.</summary>
    private long _lastSequence = time.GetUtcNow().Ticks;

    private TaskCompletionSource? _arrived;

    public Task EnqueueAsync(HostQueueMessage message)
    {
        _messages.Enqueue(message.At(++_lastSequence));
        if (_messages.Count > MaxMessages)
        {
            _messages.Dequeue();
        }

        _arrived?.TrySetResult();
        _arrived = null;
        return Task.CompletedTask;
    }

    public async Task<HostQueueMessage[]> ReadAsync(long afterSequence, long delivered, int limit, TimeSpan wait, SiloAddress? reader)
    {
        if (afterSequence > _lastSequence)
        {
            // Before what was delivered is dropped: what came since has numbers of before.
            ContinueAfter(afterSequence);
        }

        while (_messages.TryPeek(out var oldest) && oldest.Sequence <= delivered)
        {
            _messages.Dequeue();
        }

        if (reader is not null && !reader.Equals(silo.SiloAddress) && time.GetUtcNow() - _came > Stay)
        {
            // It moves when nobody is served here any more, so nobody waits here either.
            RequestContext.Set(IPlacementDirector.PlacementHintKey, reader);
            this.MigrateOnIdle();
            _arrived?.TrySetResult();
            wait = TimeSpan.Zero;
        }

        if (_lastSequence <= afterSequence || _messages.Count == 0)
        {
            _arrived ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            try
            {
                await _arrived.Task.WaitAsync(wait, time);
            }
            catch (TimeoutException)
            {
                return [];
            }
        }

        return [.. _messages.SkipWhile(m => m.Sequence <= afterSequence).Take(limit)];
    }

    public void OnDehydrate(IDehydrationContext dehydrationContext)
    {
        dehydrationContext.TryAddValue(Held, _messages.ToArray());
        dehydrationContext.TryAddValue(Last, _lastSequence);
    }

    public void OnRehydrate(IRehydrationContext rehydrationContext)
    {
        if (rehydrationContext.TryGetValue<HostQueueMessage[]>(Held, out var held) && rehydrationContext.TryGetValue(Last, out long last))
        {
            _messages.Clear();
            foreach (var message in held!)
            {
                _messages.Enqueue(message);
            }

            _lastSequence = last;
        }
    }

    /// <summary>The silo of this queue's former life had a clock that was ahead: what is numbered below its numbers would never be read.</summary>
    private void ContinueAfter(long sequence)
    {
        HostQueueMessage[] held = [.. _messages];
        _messages.Clear();
        _lastSequence = sequence;
        foreach (var message in held)
        {
            _messages.Enqueue(message.At(++_lastSequence));
        }
    }
}
