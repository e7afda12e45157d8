using System.Threading.Channels;

namespace Clinic.Streams;

/// <summary>
/// One of this silo's own queues: between its outbox and its pulling agent, in memory. What it loses with the silo was the silo's alone to send; the hosts recover it from the logs.
/// </summary>
internal sealed class HostQueue(TimeProvider time)
{
    /// <summary>Unbounded, for a lane has one batch here at a time.</summary>
    private readonly Channel<HostQueueMessage> _messages = Channel.CreateUnbounded<HostQueueMessage>(new UnboundedChannelOptions { SingleReader = true });
    private Task<bool>? _arrival;
    private long _lastSequence;

    /// <summary>Adds a batch.</summary>
    /// <returns>Done when it was delivered, or when there is nobody to deliver it to, or when that was given up.</returns>
    public Task AddAsync(StreamId stream, HostBatch batch)
    {
        var message = new HostQueueMessage(stream, batch);
        _messages.Writer.TryWrite(message);
        return message.Done;
    }

    /// <summary>What is there, oldest first; waits up to <paramref name="wait"/> for the first one, then answers with none.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled; what comes goes to the next read.</exception>
    public async Task<List<HostQueueMessage>> ReadAsync(int limit, TimeSpan wait, CancellationToken cancellation)
    {
        var read = new List<HostQueueMessage>();
        _arrival ??= _messages.Reader.WaitToReadAsync(CancellationToken.None).AsTask();
        try
        {
            await _arrival.WaitAsync(wait, time, cancellation);
        }
        catch (TimeoutException)
        {
            return read;
        }

        _arrival = null;
        while (read.Count < limit && _messages.Reader.TryRead(out var message))
        {
            message.Sequence = ++_lastSequence;
            read.Add(message);
        }

        return read;
    }
}
