namespace Clinic.Faults.Check;

/// <summary>A promise that can be broken.</summary>
internal enum Breach
{
    /// <summary>An acknowledged event is not in the log, or a reader never got it and was not told to reload.</summary>
    Lost,

    /// <summary>An event is in the log twice, or a reader got it twice.</summary>
    Repeated,

    /// <summary>A reader got an event behind one that follows it, or another than the log has at its offset.</summary>
    Swapped,

    /// <summary>An event that nobody published.</summary>
    Phantom,

    /// <summary>An answer that contradicts the contract, such as one without the events that it says it has.</summary>
    Contradiction,

    /// <summary>Somebody was shown longer than allowed after their last connection died.</summary>
    ShownTooLong,

    /// <summary>Somebody was shown offline while they had a live connection.</summary>
    ShownOffline,

    /// <summary>Two held the same section of a chart at the same time.</summary>
    TwoHolders,

    /// <summary>Somebody was sent something of another clinic.</summary>
    ForeignBytes,
}

/// <summary>One broken promise, with what shows it.</summary>
internal sealed record Violation(Breach Breach, string What)
{
    public override string ToString() => $"{Breach}: {What}";
}
