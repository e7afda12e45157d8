using Clinic.Presence;

namespace Clinic.Topics;

/// <summary>A host's interest in a topic, with all its own connections there. Repeating it replaces what the host said before.</summary>
/// <param name="Host">The Api process, unique for its life.</param>
/// <param name="Subscribers">Local connections that receive this topic; sets the pace of presence diffs.</param>
/// <param name="Connections">Every connection of this host that is present on the topic.</param>
/// <param name="Departures">Connections that left and may not have been reported yet. Others that are not named count as broken just now.</param>
/// <param name="Sequence">Rises with everything the host says to the topic, so that what was overtaken on the way is known.</param>
[GenerateSerializer, Immutable, Alias("Clinic.Attachment")]
public sealed record Attachment(
    [property: Id(0)] string Host,
    [property: Id(1)] int Subscribers,
    [property: Id(2)] ConnectionPresence[] Connections,
    [property: Id(3)] Departure[] Departures,
    [property: Id(4)] long Sequence);

/// <summary>Where a host's copy of a topic starts.</summary>
/// <param name="Head">The topic's last given offset; every later event is emitted to the host.</param>
/// <param name="Outbox">The outbox that emits to the host from now on; when it falls silent, the topic has to be attached again.</param>
/// <param name="Silo">The silo of that outbox, the key of its <see cref="Hosts.ISiloGrain"/>.</param>
/// <param name="Presence">Who is present.</param>
[GenerateSerializer, Immutable, Alias("Clinic.Attached")]
public sealed record Attached(
    [property: Id(0)] LogPosition Head,
    [property: Id(1)] string Outbox,
    [property: Id(2)] string Silo,
    [property: Id(3)] PresenceSnapshot Presence);
