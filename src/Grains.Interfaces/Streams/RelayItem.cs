using Clinic.Presence;
using Clinic.Topics;

namespace Clinic.Streams;

/// <summary>Something a topic tells a host.</summary>
/// <param name="Topic">The topic it is of.</param>
[GenerateSerializer, Immutable, Alias("Clinic.RelayItem")]
public abstract record RelayItem([property: Id(0)] TopicId Topic);

/// <summary>Events that were committed, in order.</summary>
/// <param name="Topic">The topic they are of.</param>
/// <param name="Epoch">The life of the log.</param>
/// <param name="Events">At least one, offsets rising by one.</param>
[GenerateSerializer, Immutable, Alias("Clinic.EventsItem")]
public sealed record EventsItem(TopicId Topic, [property: Id(0)] string Epoch, [property: Id(1)] TopicEvent[] Events) : RelayItem(Topic);

/// <summary>A change of presence.</summary>
/// <param name="Topic">The topic it is of.</param>
/// <param name="Diff">The change.</param>
[GenerateSerializer, Immutable, Alias("Clinic.PresenceItem")]
public sealed record PresenceItem(TopicId Topic, [property: Id(0)] PresenceDiff Diff) : RelayItem(Topic);

/// <summary>The whole presence, when a rebuilt set is complete again.</summary>
/// <param name="Topic">The topic it is of.</param>
/// <param name="Snapshot">Everybody present.</param>
[GenerateSerializer, Immutable, Alias("Clinic.SnapshotItem")]
public sealed record SnapshotItem(TopicId Topic, [property: Id(0)] PresenceSnapshot Snapshot) : RelayItem(Topic);

/// <summary>A best-effort message between clients: not stored, no offset.</summary>
/// <param name="Topic">The topic it is of.</param>
/// <param name="Name">The sender's name for it; at most 128 characters.</param>
/// <param name="Data">UTF-8 JSON, at most 4,096 bytes.</param>
/// <param name="By">The user who sent it.</param>
[GenerateSerializer, Immutable, Alias("Clinic.SignalItem")]
public sealed record SignalItem(
    TopicId Topic,
    [property: Id(0)] string Name,
    [property: Id(1)] byte[] Data,
    [property: Id(2)] string By) : RelayItem(Topic);

/// <summary>
/// The topic's grain came up anew or is about to leave its silo, and no longer knows who was attached: a host with an interest in it
/// attaches again.
/// </summary>
/// <param name="Topic">The topic.</param>
[GenerateSerializer, Immutable, Alias("Clinic.ReattachItem")]
public sealed record ReattachItem(TopicId Topic) : RelayItem(Topic);
