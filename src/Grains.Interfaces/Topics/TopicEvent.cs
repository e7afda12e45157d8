namespace Clinic.Topics;

/// <summary>A durable fact of a topic, numbered by its log.</summary>
/// <param name="Type">What happened, for example <c>message:new</c>.</param>
/// <param name="Id">Identifies the event within its topic; a publish with the same id is the same event.</param>
/// <param name="Offset">Position in the topic's log, from 1, rising by one.</param>
/// <param name="Time">When the log took it, UTC, whole milliseconds.</param>
/// <param name="Data">The payload, UTF-8 JSON.</param>
/// <param name="By">The user on whose behalf it happened; null when a backend spoke for nobody.</param>
[GenerateSerializer, Immutable, Alias("Clinic.TopicEvent")]
public sealed record TopicEvent(
    [property: Id(0)] string Type,
    [property: Id(1)] string Id,
    [property: Id(2)] long Offset,
    [property: Id(3)] DateTimeOffset Time,
    [property: Id(4)] byte[] Data,
    [property: Id(5)] string? By);
