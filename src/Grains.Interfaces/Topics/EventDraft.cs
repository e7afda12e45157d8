namespace Clinic.Topics;

/// <summary>An event as its publisher hands it in, not yet numbered.</summary>
/// <param name="Type">What happened, for example <c>message:new</c>.</param>
/// <param name="Id">The publisher's own id, which makes a retry harmless for 24 h; null when the topic is to choose one.</param>
/// <param name="Data">The payload, UTF-8 JSON.</param>
/// <param name="By">The user on whose behalf it happened, if any.</param>
[GenerateSerializer, Immutable, Alias("Clinic.EventDraft")]
public sealed record EventDraft(
    [property: Id(0)] string Type,
    [property: Id(1)] string? Id,
    [property: Id(2)] byte[] Data,
    [property: Id(3)] string? By);
