namespace Clinic.Charts;

/// <summary>Who holds a section.</summary>
/// <param name="User">The holder's user id.</param>
/// <param name="Name">The holder's name.</param>
/// <param name="Since">When the edit began, UTC.</param>
[GenerateSerializer, Immutable, Alias("Clinic.EditHolder")]
public sealed record EditHolder(
    [property: Id(0)] string User,
    [property: Id(1)] string Name,
    [property: Id(2)] DateTimeOffset Since);

/// <summary>The answer to a wish to edit a section.</summary>
/// <param name="Granted">Whether the caller holds the section now.</param>
/// <param name="Lease">What a write to the section has to present; null unless granted.</param>
/// <param name="HeldBy">Who holds it: the caller when granted.</param>
[GenerateSerializer, Immutable, Alias("Clinic.EditResult")]
public sealed record EditResult(
    [property: Id(0)] bool Granted,
    [property: Id(1)] string? Lease,
    [property: Id(2)] EditHolder? HeldBy);

/// <summary>Who wishes to edit: a connection of a user.</summary>
/// <param name="Connection">The connection's id.</param>
/// <param name="User">The user's id.</param>
/// <param name="Name">The user's name.</param>
[GenerateSerializer, Immutable, Alias("Clinic.Editor")]
public sealed record Editor(
    [property: Id(0)] string Connection,
    [property: Id(1)] string User,
    [property: Id(2)] string Name);
