namespace Clinic.Presence;

/// <summary>How a connection left, which decides how long others go on seeing its user.</summary>
public enum DepartureKind
{
    /// <summary>On purpose: gone at once.</summary>
    Closed = 0,

    /// <summary>The connection broke: <see cref="PresenceStatus.Reconnecting"/> for the grace, then gone.</summary>
    Broken = 1,

    /// <summary>The host is stopping and told its clients to reconnect elsewhere: a longer grace.</summary>
    Draining = 2,

    /// <summary>The time for which a restricted chart was open was over: gone at once.</summary>
    Expired = 3,

    /// <summary>The chart was restricted meanwhile, and the user is not of its care team: gone at once.</summary>
    Revoked = 4,
}

/// <summary>A connection that is no longer on a topic.</summary>
/// <param name="Connection">The connection's id.</param>
/// <param name="Kind">How it left.</param>
/// <param name="Age">How long ago that was by the host's clock: a report that was held up must not prolong the grace.</param>
[GenerateSerializer, Immutable, Alias("Clinic.Departure")]
public readonly record struct Departure(
    [property: Id(0)] string Connection,
    [property: Id(1)] DepartureKind Kind,
    [property: Id(2)] TimeSpan Age);

/// <summary>What changed among a host's connections on a topic since its last report.</summary>
/// <param name="Subscribers">Local connections that receive this topic now.</param>
/// <param name="Upserts">Connections that came or changed, whole.</param>
/// <param name="Departures">Connections that left.</param>
/// <param name="Sequence">Rises with everything the host says to the topic, so that what was overtaken on the way is known.</param>
[GenerateSerializer, Immutable, Alias("Clinic.PresenceChanges")]
public sealed record PresenceChanges(
    [property: Id(0)] int Subscribers,
    [property: Id(1)] ConnectionPresence[] Upserts,
    [property: Id(2)] Departure[] Departures,
    [property: Id(3)] long Sequence);
