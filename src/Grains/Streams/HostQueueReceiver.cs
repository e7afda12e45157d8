using Orleans.Streams;

namespace Clinic.Streams;

/// <summary>Reads one of the silo's queues for its pulling agent, and waits inside the read until there is something: the streams push instead of polling.</summary>
internal sealed class HostQueueReceiver(HostQueue queue) : IQueueAdapterReceiver
{
    /// <summary>How long a quiet queue's reader waits before it looks after what it holds: batches that nobody wants are let go then.</summary>
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(1);

    public Task Initialize(TimeSpan timeout) => Task.CompletedTask;

    public Task<IList<IBatchContainer>> GetQueueMessagesAsync(int maxCount) => GetQueueMessagesAsync(maxCount, CancellationToken.None);

    public async Task<IList<IBatchContainer>> GetQueueMessagesAsync(int maxCount, CancellationToken cancellationToken)
    {
        try
        {
            return [.. await queue.ReadAsync(Math.Clamp(maxCount, 1, 100), Wait, cancellationToken)];
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return [];
        }
    }

    public Task MessagesDeliveredAsync(IList<IBatchContainer> messages) => Task.CompletedTask;

    public Task MessagesDeliveredAsync(IList<IBatchContainer> messages, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task Shutdown(TimeSpan timeout) => Task.CompletedTask;
}
