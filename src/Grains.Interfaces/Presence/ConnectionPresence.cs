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
/// <param name="IsPrivacyOfficer">Whether any role of the token is that of a privacy officer. No part of what clients see.</param>
[GenerateSerializer, Immutable, Alias("Clinic.ConnectionPresence")]
public sealed record ConnectionPresence(
    [property: Id(0)] string Connection,
    [property: Id(1)] string User,
    [property: Id(2)] string Name,
    [property: Id(3)] string Role,
    [property: Id(4)] PresenceStatus Status,
    [property: Id(5)] DateTimeOffset Since,
    [property: Id(6)] ChartView? Viewing,
    [property: Id(7)] long TypingStamp,
    [property: Id(8)] bool IsPrivacyOfficer = false);

/// <summary>That a chart is open, and why.</summary>
/// <param name="Since">When it was opened, UTC.</param>
/// <param name="Reason">What the user gave as the reason, if anything; at most 500 characters.</param>
/// <param name="BreakGlass">Set when the chart is restricted and the user is not of its care team: the reason is why they look all the same.</param>
[GenerateSerializer, Immutable, Alias("Clinic.ChartView")]
public sealed record ChartView(
    [property: Id(0)] DateTimeOffset Since,
    [property: Id(1)] string? Reason,
    [property: Id(2)] BrokenGlass? BreakGlass = null);

/// <summary>That somebody opened a restricted chart with a reason. It is the user's on this chart, whatever the number of windows, and ends by itself.</summary>
/// <param name="At">When the reason was given, UTC, whole milliseconds; tells one such opening of a user from the next.</param>
/// <param name="Until">When it ends, UTC.</param>
[GenerateSerializer, Immutable, Alias("Clinic.BrokenGlass")]
public sealed record BrokenGlass(
    [property: Id(0)] DateTimeOffset At,
    [property: Id(1)] DateTimeOffset Until);
