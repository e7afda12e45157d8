using Orleans.Providers.Streams.Common;
using Orleans.Streams;

namespace Clinic.Streams;

/// <summary>A batch in a queue, as the pulling agents carry it.</summary>
[GenerateSerializer, Immutable, Alias("Clinic.HostQueueMessage")]
internal sealed class HostQueueMessage(StreamId streamId, HostBatch batch, long sequence) : IBatchContainer
{
    [Id(0)]
    public StreamId StreamId { get; } = streamId;

    [Id(1)]
    public HostBatch Batch { get; } = batch;

    /// <summary>The place in the queue; 0 before the queue gave one.</summary>
    [Id(2)]
    public long Sequence { get; } = sequence;

    public StreamSequenceToken SequenceToken => new EventSequenceTokenV2(Sequence);

    public IEnumerable<Tuple<T, StreamSequenceToken>> GetEvents<T>() => [Tuple.Create((T)(object)Batch, SequenceToken)];

    public bool ImportRequestContext() => false;

    public HostQueueMessage At(long sequence) => new(StreamId, Batch, sequence);
}
