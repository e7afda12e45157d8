using Clinic.Presence;
using Clinic.Streams;

namespace Clinic.Topics;

/// <summary>
/// One topic: the only writer of its event log, the owner of its presence, and the keeper of which hosts want to hear of it. Keyed by
/// <see cref="TopicId.Key"/>.
/// </summary>
[Alias("Clinic.ITopicGrain")]
public interface ITopicGrain : IGrainWithStringKey
{
    /// <summary>Registers a host, or replaces what it said before. The host then receives every event after the answer's head.</summary>
    [Alias("Attach")]
    Task<Attached> AttachAsync(Attachment attachment);

    /// <summary>The host has neither subscribers nor connections on this topic, or none any more.</summary>
    [Alias("Detach")]
    Task DetachAsync(string host, long sequence);

    /// <summary>Changes to an attached host's connections, in the order they happened.</summary>
    /// <returns>False when the host is not attached here, so that it attaches with everything it has.</returns>
    [Alias("ChangePresence")]
    Task<bool> ChangePresenceAsync(string host, PresenceChanges changes);

    /// <summary>The presence as this moment has it, before any gathering of changes.</summary>
    [Alias("Presence")]
    Task<PresenceSnapshot> GetPresenceAsync();

    /// <summary>Commits an event and emits it. The answer comes after the commit.</summary>
    [Alias("Publish")]
    Task<PublishResult> PublishAsync(EventDraft draft);

    /// <summary>Takes the pending events that record writes left for this topic into the log, in their order.</summary>
    [Alias("Drain")]
    Task DrainAsync();

    /// <summary>Reads what came after a position; with null, only the head.</summary>
    [Alias("Read")]
    Task<LogSlice> ReadAsync(LogPosition? since);

    /// <summary>
    /// Passes best-effort messages to the topic's other hosts, in order. For a host that is not attached; one that is sends them to the topic's silo, with those of its other
    /// topics there (<see cref="Hosts.ISiloGrain.SignalAsync"/>). Hosts of earlier versions send all of them here.
    /// </summary>
    [Alias("Signal")]
    Task SignalAsync(string fromHost, SignalItem[] signals);

    /// <summary>A host has not been heard of on this grain's silo, nor on another one, since <paramref name="lastHeard"/>.</summary>
    [Alias("HostLost")]
    Task HostLostAsync(string host, DateTimeOffset lastHeard);
}
