using Orleans.Concurrency;
using Orleans.Placement;

namespace Clinic.Streams;

/// <inheritdoc cref="IHostQueueGrain" />
[Reentrant, PreferLocalPlacement, GrainType("host-queue")]
internal sealed class HostQueueGrain(TimeProvider time) : Grain, IHostQueueGrain
{
    /// <summary>More than every outbox together may have unconfirmed; what falls out is sent again by its outbox.</summary>
    private const int MaxMessages = 10_000;

    private readonly Queue<HostQueueMessage> _messages = new();

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

    public async Task<HostQueueMessage[]> ReadAsync(long afterSequence, int limit, TimeSpan wait)
    {
        if (afterSequence > _lastSequence)
        {
            ContinueAfter(afterSequence);
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

    public Task TrimAsync(long upToSequence)
    {
        while (_messages.TryPeek(out var oldest) && oldest.Sequence <= upToSequence)
        {
            _messages.Dequeue();
        }

        return Task.CompletedTask;
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
