namespace Clinic.Streams;

/// <summary>
/// What one silo's outbox tells one host, numbered without gaps. A batch without items is a beat: it says which number was the last, so that
/// a silent stream is noticed.
/// </summary>
/// <param name="Outbox">The outbox; a later one, greater in ordinal order, after each loss of what was waiting, which tells the host to attach its topics again.</param>
/// <param name="Silo">The silo of the outbox, the key of its <see cref="Hosts.ISiloGrain"/>.</param>
/// <param name="Sequence">From 1, rising by one with each batch that has items; a beat repeats the last one's.</param>
/// <param name="Items">In the order in which the silo's topics emitted them.</param>
[GenerateSerializer, Immutable, Alias("Clinic.HostBatch")]
public sealed record HostBatch(
    [property: Id(0)] string Outbox,
    [property: Id(1)] string Silo,
    [property: Id(2)] long Sequence,
    [property: Id(3)] RelayItem[] Items);
