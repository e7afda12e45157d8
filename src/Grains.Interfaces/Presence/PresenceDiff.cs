namespace Clinic.Presence;

/// <summary>Everybody present on a topic, at a version.</summary>
/// <param name="Epoch">The life of the presence set; another one starts from a snapshot.</param>
/// <param name="Version">Rises by one with each diff.</param>
/// <param name="Complete">
/// False while the set is being rebuilt after a grain came up anew: whoever is missing here may only not have been reported yet, so nobody is
/// to be taken away because of it.
/// </param>
/// <param name="Entries">In no particular order.</param>
[GenerateSerializer, Immutable, Alias("Clinic.PresenceSnapshot")]
public sealed record PresenceSnapshot(
    [property: Id(0)] string Epoch,
    [property: Id(1)] long Version,
    [property: Id(2)] bool Complete,
    [property: Id(3)] PresenceEntry[] Entries);

/// <summary>What changed from one version of a presence set to the next.</summary>
/// <param name="Epoch">The life of the presence set.</param>
/// <param name="Version">The version after this diff; the one before it is one less.</param>
/// <param name="Joins">Entries that were not there.</param>
/// <param name="Updates">Entries that changed, whole.</param>
/// <param name="Leaves">Users that are gone.</param>
[GenerateSerializer, Immutable, Alias("Clinic.PresenceDiff")]
public sealed record PresenceDiff(
    [property: Id(0)] string Epoch,
    [property: Id(1)] long Version,
    [property: Id(2)] PresenceEntry[] Joins,
    [property: Id(3)] PresenceEntry[] Updates,
    [property: Id(4)] string[] Leaves);
