using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Streams;

namespace Clinic.Streams;

/// <summary>
/// The stream provider of the hosts' streams on Orleans' queue adapter extension point. Each silo has queues of its own, in memory, that its outbox fills and its own agents
/// read; so a batch takes one call, from the silo whose topics emitted it to the host. A host's stream has as many producers as there are silos.
/// </summary>
internal sealed class HostQueueAdapter : IQueueAdapterFactory, IQueueAdapter
{
    /// <summary>More queues than hosts, for an agent reads nothing while it asks who subscribes to a stream that is new to it.</summary>
    private const int Queues = 16;

    /// <summary>Messages held per queue while they are delivered: more than the lanes of all its hosts have under way.</summary>
    private const int CacheSize = 1024;

    private readonly ConcurrentDictionary<QueueId, HostQueue> _queues = new();
    private readonly HashRingBasedStreamQueueMapper _mapper;
    private readonly HostQueueCache.Factory _cache;
    private readonly TimeProvider _time;

    private HostQueueAdapter(string name, TimeProvider time)
    {
        (Name, _time) = (name, time);
        _mapper = new HashRingBasedStreamQueueMapper(new HashRingStreamQueueMapperOptions { TotalQueueCount = Queues }, name);
        _cache = new HostQueueCache.Factory(CacheSize);
    }

    public string Name { get; }

    public bool IsRewindable => false;

    public StreamProviderDirection Direction => StreamProviderDirection.ReadWrite;

    public static HostQueueAdapter Create(IServiceProvider services, string name) => new(name, services.GetRequiredService<TimeProvider>());

    public Task<IQueueAdapter> CreateAdapter() => Task.FromResult<IQueueAdapter>(this);

    public Task<IQueueAdapter> CreateAdapter(CancellationToken cancellationToken) => CreateAdapter();

    public IQueueAdapterCache GetQueueAdapterCache() => _cache;

    public IStreamQueueMapper GetStreamQueueMapper() => _mapper;

    public Task<IStreamFailureHandler> GetDeliveryFailureHandler(QueueId queueId) =>
        Task.FromResult<IStreamFailureHandler>(new NoOpStreamDeliveryFailureHandler());

    public async Task QueueMessageBatchAsync<T>(
        StreamId streamId, IEnumerable<T> events, StreamSequenceToken? token, Dictionary<string, object>? requestContext)
    {
        foreach (var e in events)
        {
            if (e is not HostBatch batch)
            {
                throw new NotSupportedException($"The {Name} streams carry host batches only.");
            }

            await QueueOf(_mapper.GetQueueForStream(streamId)).AddAsync(streamId, batch);
        }
    }

    public IQueueAdapterReceiver CreateReceiver(QueueId queueId) => new HostQueueReceiver(QueueOf(queueId));

    private HostQueue QueueOf(QueueId queueId) => _queues.GetOrAdd(queueId, static (_, self) => new HostQueue(self._time), this);
}
