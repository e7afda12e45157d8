namespace Clinic.Topics;

/// <summary>How a publish ended. Broken infrastructure is an exception instead.</summary>
public enum PublishOutcome
{
    /// <summary>The event is in the log and will reach every subscriber.</summary>
    Accepted = 0,

    /// <summary>The id was used before for other content.</summary>
    IdReused = 1,

    /// <summary>The topic has too many publishes waiting for the database; try again later.</summary>
    Overloaded = 2,

    /// <summary>The database did not take it. It may still turn up once; the same id makes a retry harmless.</summary>
    Unavailable = 3,
}

/// <summary>What a publish came to.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Epoch">The life of the log; empty unless accepted.</param>
/// <param name="Offset">The event's position; 0 unless accepted. A repeat answers the first one's position.</param>
[GenerateSerializer, Immutable, Alias("Clinic.PublishResult")]
public sealed record PublishResult(
    [property: Id(0)] PublishOutcome Outcome,
    [property: Id(1)] string Epoch,
    [property: Id(2)] long Offset);
