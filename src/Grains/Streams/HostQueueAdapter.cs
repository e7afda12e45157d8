using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Streams;

namespace Clinic.Streams;

/// <summary>
/// The stream provider of the hosts' streams on Orleans' queue adapter extension point. Its queues are <see cref="IHostQueueGrain"/>s; its receivers wait inside
/// the read, so a batch is on its way as soon as it is in the queue.
/// </summary>
internal sealed class HostQueueAdapter : IQueueAdapterFactory, IQueueAdapter
{
    /// <summary>More queues than hosts, so that a host that died holds up few others until its client is dropped.</summary>
    private const int Queues = 16;

    /// <summary>Messages held per queue while they are delivered; small, because a hand-off delivers again what is in it.</summary>
    private const int CacheSize = 1024;

    private readonly IGrainFactory _grains;
    private readonly ConcurrentDictionary<QueueId, IHostQueueGrain> _queues = new();
    private readonly HashRingBasedStreamQueueMapper _mapper;
    private readonly HostQueueCache.Factory _cache;
    private readonly SiloAddress? _silo;

    private HostQueueAdapter(string name, IGrainFactory grains, SiloAddress? silo)
    {
        (Name, _silo) = (name, silo);
        _grains = grains;
        _mapper = new HashRingBasedStreamQueueMapper(new HashRingStreamQueueMapperOptions { TotalQueueCount = Queues }, name);
        _cache = new HostQueueCache.Factory(CacheSize);
    }

    public string Name { get; }

    public bool IsRewindable => false;

    public StreamProviderDirection Direction => StreamProviderDirection.ReadWrite;

    public static HostQueueAdapter Create(IServiceProvider services, string name) =>
        new(
            name,
            services.GetRequiredService<IGrainFactory>(),
            // A client has none, and no receivers either.
            services.GetService<ILocalSiloDetails>()?.SiloAddress);

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

            await QueueOf(_mapper.GetQueueForStream(streamId)).EnqueueAsync(new HostQueueMessage(streamId, batch, 0));
        }
    }

    public IQueueAdapterReceiver CreateReceiver(QueueId queueId) => new HostQueueReceiver(QueueOf(queueId), _silo);

    private IHostQueueGrain QueueOf(QueueId queueId) =>
        _queues.GetOrAdd(queueId, static (id, self) => self._grains.GetGrain<IHostQueueGrain>($"queue/{self.Name}/{id.GetNumericId()}"), this);
}
