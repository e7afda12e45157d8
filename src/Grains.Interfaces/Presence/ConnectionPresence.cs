namespace Clinic.Presence;

/// <summary>One connection's presence on a topic, as its host reports it.</summary>
/// <param name="Connection">The connection's id, unique for its life.</param>
/// <param name="User">The user of the connection's token.</param>
/// <param name="Name">The user's name, for others to read.</param>
/// <param name="Role">The first role of the token.</param>
/// <param name="Status">What the connection set; never <see cref="PresenceStatus.Reconnecting"/>.</param>
/// <param name="Since">When the connection came to the topic, UTC.</param>
/// <param name="Viewing">Set while the connection has the patient's chart open.</param>
/// <param name="TypingStamp">Rises with each sign of typing; 0 for not typing. A new stamp renews the typing lease.</param>
[GenerateSerializer, Immutable, Alias("Clinic.ConnectionPresence")]
public sealed record ConnectionPresence(
    [property: Id(0)] string Connection,
    [property: Id(1)] string User,
    [property: Id(2)] string Name,
    [property: Id(3)] string Role,
    [property: Id(4)] PresenceStatus Status,
    [property: Id(5)] DateTimeOffset Since,
    [property: Id(6)] ChartView? Viewing,
    [property: Id(7)] long TypingStamp);

/// <summary>That a chart is open, and why.</summary>
/// <param name="Since">When it was opened, UTC.</param>
/// <param name="Reason">What the user gave as the reason, if anything; at most 500 characters.</param>
[GenerateSerializer, Immutable, Alias("Clinic.ChartView")]
public sealed record ChartView(
    [property: Id(0)] DateTimeOffset Since,
    [property: Id(1)] string? Reason);
