namespace Clinic.Presence;

/// <summary>A user's presence on a topic, one however many connections.</summary>
/// <param name="User">The user's id.</param>
/// <param name="Name">The user's name.</param>
/// <param name="Role">The user's first role.</param>
/// <param name="Status">See <see cref="PresenceStatus"/>.</param>
/// <param name="Connections">Live connections.</param>
/// <param name="Since">When the user came to the topic, UTC.</param>
/// <param name="Viewing">Set while a connection of the user has the chart open.</param>
/// <param name="Typing">Whether the user types here.</param>
/// <param name="Editing">Names of the chart sections the user holds for editing, sorted.</param>
/// <param name="LeavesIn">
/// For a reconnecting entry, when it will be gone unless the user comes back: a host that loses touch with the topic meanwhile takes it away by itself. No part of what
/// clients see.
/// </param>
/// <param name="IsPrivacyOfficer">Whether a connection of the user has the role of a privacy officer. No part of what clients see.</param>
[GenerateSerializer, Immutable, Alias("Clinic.PresenceEntry")]
public sealed record PresenceEntry(
    [property: Id(0)] string User,
    [property: Id(1)] string Name,
    [property: Id(2)] string Role,
    [property: Id(3)] PresenceStatus Status,
    [property: Id(4)] int Connections,
    [property: Id(5)] DateTimeOffset Since,
    [property: Id(6)] ChartView? Viewing,
    [property: Id(7)] bool Typing,
    [property: Id(8)] string[] Editing,
    [property: Id(9)] TimeSpan? LeavesIn = null,
    [property: Id(10)] bool IsPrivacyOfficer = false)
{
    /// <summary>Equality by what clients see.</summary>
    public bool Equals(PresenceEntry? other) =>
        other is not null
        && User == other.User
        && Name == other.Name
        && Role == other.Role
        && Status == other.Status
        && Connections == other.Connections
        && Since == other.Since
        && Viewing == other.Viewing
        && Typing == other.Typing
        && Editing.AsSpan().SequenceEqual(other.Editing);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(User, Status, Connections, Typing);
}
