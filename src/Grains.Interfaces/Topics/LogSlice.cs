namespace Clinic.Topics;

/// <summary>What a topic answers to "what came after this position?": all of it, or nothing.</summary>
/// <param name="Head">The topic's last given offset.</param>
/// <param name="Recovered">True when <paramref name="Events"/> holds every event after the position asked for, up to the head.</param>
/// <param name="Events">In order; empty unless recovered.</param>
[GenerateSerializer, Immutable, Alias("Clinic.LogSlice")]
public sealed record LogSlice(
    [property: Id(0)] LogPosition Head,
    [property: Id(1)] bool Recovered,
    [property: Id(2)] TopicEvent[] Events);
