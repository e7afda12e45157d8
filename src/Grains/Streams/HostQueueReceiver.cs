using Orleans.Streams;

namespace Clinic.Streams;

/// <summary>Reads one queue for its pulling agent. It reads after a sequence and lets go what was delivered, so that a hand-off to another agent loses nothing.</summary>
internal sealed class HostQueueReceiver(IHostQueueGrain queue, SiloAddress? reader) : IQueueAdapterReceiver
{
    /// <summary>Shorter than the response timeout of a grain call, so that a quiet queue is no error.</summary>
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(2);

    private long _read;
    private long _delivered;

    public Task Initialize(TimeSpan timeout) => Task.CompletedTask;

    public Task<IList<IBatchContainer>> GetQueueMessagesAsync(int maxCount) => GetQueueMessagesAsync(maxCount, CancellationToken.None);

    public async Task<IList<IBatchContainer>> GetQueueMessagesAsync(int maxCount, CancellationToken cancellationToken)
    {
        try
        {
            var messages = await queue.ReadAsync(_read, _delivered, Math.Clamp(maxCount, 1, 100), Wait, reader).WaitAsync(cancellationToken);
            if (messages.Length > 0)
            {
                _read = messages[^1].Sequence;
            }

            return [.. messages];
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return [];
        }
    }

    public Task MessagesDeliveredAsync(IList<IBatchContainer> messages)
    {
        // The next read tells the queue.
        _delivered = messages.Aggregate(_delivered, (last, message) => Math.Max(last, message.SequenceToken.SequenceNumber));
        return Task.CompletedTask;
    }

    public Task MessagesDeliveredAsync(IList<IBatchContainer> messages, CancellationToken cancellationToken) => MessagesDeliveredAsync(messages);

    public Task Shutdown(TimeSpan timeout) => Task.CompletedTask;
}
