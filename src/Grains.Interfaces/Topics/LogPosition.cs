namespace Clinic.Topics;

/// <summary>A place in a topic's log: the event with this offset and all before it are known.</summary>
/// <param name="Epoch">The life of the log the offset belongs to.</param>
/// <param name="Offset">The last known offset; 0 for none.</param>
[GenerateSerializer, Immutable, Alias("Clinic.LogPosition")]
public readonly record struct LogPosition(
    [property: Id(0)] string Epoch,
    [property: Id(1)] long Offset);
