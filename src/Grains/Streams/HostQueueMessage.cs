using Orleans.Providers.Streams.Common;
using Orleans.Streams;

namespace Clinic.Streams;

/// <summary>A batch on its way from the outbox to its host, as the pulling agent carries it.</summary>
[GenerateSerializer, Immutable, Alias("Clinic.HostQueueMessage")]
internal sealed class HostQueueMessage(StreamId streamId, HostBatch batch) : IBatchContainer
{
    /// <summary>Of the silo that sends it alone: it does not travel.</summary>
    [NonSerialized]
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Id(0)]
    public StreamId StreamId { get; } = streamId;

    [Id(1)]
    public HostBatch Batch { get; } = batch;

    /// <summary>The place in its queue; 0 before it was read from there.</summary>
    [Id(2)]
    public long Sequence { get; set; }

    public StreamSequenceToken SequenceToken => new EventSequenceTokenV2(Sequence);

    /// <summary>Ends when its agent is through with it, whatever came of it.</summary>
    public Task Done => _done.Task;

    public IEnumerable<Tuple<T, StreamSequenceToken>> GetEvents<T>() => [Tuple.Create((T)(object)Batch, SequenceToken)];

    public bool ImportRequestContext() => false;

    public void SetDone() => _done.TrySetResult();
}
