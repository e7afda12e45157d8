namespace Clinic.Load.Events;

/// <summary>What a client reads of one event: where it stands in its topic and what the publisher wrote into it.</summary>
/// <param name="Offset">The event's place in its topic.</param>
/// <param name="Due">When the schedule wanted it published, in ticks of the monotonic clock.</param>
/// <param name="Sequence">The publisher's number of the event, over all topics.</param>
/// <param name="Run">Which run published it; other runs' events count for the order but not for latency.</param>
internal readonly record struct Arrival(long Offset, long Due, long Sequence, int Run);

/// <summary>A place in a topic's log, as a client remembers it for recovery.</summary>
internal sealed record Position(string Epoch, long Offset);
