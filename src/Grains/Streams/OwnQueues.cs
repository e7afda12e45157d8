using Orleans.Streams;

namespace Clinic.Streams;

/// <summary>Every silo reads all queues: they are its own, filled by its own outbox, and no other silo has anything in them. So nothing is ever balanced.</summary>
internal sealed class OwnQueues : IStreamQueueBalancer
{
    private IReadOnlyList<QueueId> _queues = [];

    public Task Initialize(IStreamQueueMapper queueMapper)
    {
        _queues = [.. queueMapper.GetAllQueues()];
        return Task.CompletedTask;
    }

    public IEnumerable<QueueId> GetMyQueues() => _queues;

    public bool SubscribeToQueueDistributionChangeEvents(IStreamQueueBalanceListener observer) => true;

    public bool UnSubscribeFromQueueDistributionChangeEvents(IStreamQueueBalanceListener observer) => true;

    public Task Shutdown() => Task.CompletedTask;
}
