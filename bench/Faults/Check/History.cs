namespace Clinic.Faults.Check;

/// <summary>
/// What everybody noted during a schedule: publishers, readers, the database, watchers of the presence and editors. Times are seconds from
/// the start of the schedule, all of one monotonic clock.
/// </summary>
internal sealed class History
{
    /// <summary>When the notes end: publishing is over, what is under way had its time to arrive, and nothing is broken any more.</summary>
    public double End { get; set; }

    public List<Publish> Publishes { get; } = [];

    public List<Reading> Readings { get; } = [];

    /// <summary>The event log as the database has it at the end.</summary>
    public List<LogRow> Rows { get; } = [];

    public List<Connection> Connections { get; } = [];

    /// <summary>What broke connections although their clients did not notice it, or not yet.</summary>
    public List<PathFault> PathFaults { get; } = [];

    public List<Sighting> Sightings { get; } = [];

    public List<EditHold> Holds { get; } = [];

    public List<GuardedWrite> Writes { get; } = [];

    public List<MarkSighting> Marks { get; } = [];
}

/// <summary>A topic of a clinic.</summary>
internal readonly record struct TopicName(string Clinic, string Topic)
{
    public override string ToString() => $"{Clinic}/{Topic}";
}

/// <summary>One event that a publisher wanted stored.</summary>
/// <param name="Topic">Where it went.</param>
/// <param name="Id">Its number, the same over all its attempts, unique over all topics.</param>
/// <param name="Offset">What it was acknowledged with; null when its publisher gave up, and it may be stored or not.</param>
internal sealed record Publish(TopicName Topic, long Id, long? Offset);

/// <summary>An event of the log.</summary>
internal sealed record LogRow(TopicName Topic, string Epoch, long Offset, long Id);

/// <summary>An event as a reader got it; <paramref name="Id"/> is negative when it is none of a publisher's.</summary>
/// <param name="Epoch">The epoch that it came with.</param>
/// <param name="Offset">Its place in the topic.</param>
/// <param name="Id">The publisher's number.</param>
/// <param name="Clinic">The clinic whose publisher wrote it, by the mark in its data; empty when there is none.</param>
internal readonly record struct ReadEvent(string Epoch, long Offset, long Id, string Clinic);

/// <summary>All that one client was told of one topic, in the order in which it came.</summary>
internal sealed class Reading(string client, TopicName topic)
{
    public string Client { get; } = client;

    public TopicName Topic { get; } = topic;

    public List<ReadStep> Steps { get; } = [];

    /// <summary>Whether the client was connected and subscribed at the end; only then it must have everything.</summary>
    public bool ReadsAtEnd { get; set; }
}

/// <summary>One thing that happened to a reader.</summary>
internal abstract record ReadStep;

/// <summary>It called Subscribe: from here on it waits for the answer and keeps what comes before it.</summary>
internal sealed record Asked : ReadStep;

/// <summary>The answer came.</summary>
/// <param name="Since">The offset that was asked from, or null for the present.</param>
/// <param name="SinceEpoch">The epoch that was asked with.</param>
/// <param name="Epoch">The log's epoch.</param>
/// <param name="Offset">The offset up to which the answer counts.</param>
/// <param name="Recovered">Whether <paramref name="Events"/> is all that was missed; otherwise the client was told to reload.</param>
/// <param name="Events">What was missed.</param>
internal sealed record Answered(
    long? Since, string? SinceEpoch, string Epoch, long Offset, bool Recovered, IReadOnlyList<ReadEvent> Events) : ReadStep;

/// <summary>A live event came.</summary>
internal sealed record Got(ReadEvent Event) : ReadStep;

/// <summary>The server said that there is a gap that it can't close.</summary>
internal sealed record ToldToReload : ReadStep;

/// <summary>The connection ended, and what was kept for an answer with it.</summary>
internal sealed record Broken : ReadStep;

/// <summary>One connection of a user, or an attempt at one.</summary>
/// <param name="User">Whose.</param>
/// <param name="Host">Where to.</param>
/// <param name="Opening">When the client began to connect: from here on the user may be shown.</param>
/// <param name="Live">When everything was subscribed: from here on the user must be shown; null when it never came to that.</param>
/// <param name="Ended">When the client noticed its end; null while it is open.</param>
internal sealed record Connection(UserName User, string Host, double Opening, double? Live, double? Ended);

/// <summary>A user of a clinic.</summary>
internal readonly record struct UserName(string Clinic, string User)
{
    public override string ToString() => $"{Clinic}/{User}";
}

/// <summary>What happened to the way to a host.</summary>
/// <param name="Host">The host.</param>
/// <param name="From">When it began.</param>
/// <param name="Until">When it was over, with the time that everybody has to find it out.</param>
/// <param name="Kills">
/// Whether connections that were open at <paramref name="From"/> are dead from then on. Otherwise nobody can say whether they live, as
/// with a process that stands still, and until the end of it nothing is held against anybody.
/// </param>
internal sealed record PathFault(string Host, double From, double Until, bool Kills);

/// <summary>How a user is shown.</summary>
internal enum Shown
{
    Absent,
    Live,
    Reconnecting,
}

/// <summary>A watcher's picture of a user changed.</summary>
internal sealed record Sighting(UserName Watcher, UserName User, double At, Shown Shown);

/// <summary>A lease that somebody got.</summary>
/// <param name="Section">The chart and its section.</param>
/// <param name="Holder">Who got it.</param>
/// <param name="Lease">The lease; no other grant has the same.</param>
/// <param name="Asked">When it was asked for.</param>
/// <param name="Granted">When it was answered.</param>
/// <param name="HeldUntil">
/// When the last call was made that the server answered with the same lease, or a write that it took with it: so long it was held for certain,
/// whatever happened to the holder's connection.
/// </param>
internal sealed record EditHold(string Section, UserName Holder, string Lease, double Asked, double Granted, double HeldUntil);

/// <summary>A write that was taken with a lease.</summary>
/// <param name="Section">The chart and its section.</param>
/// <param name="Lease">The lease it was made with.</param>
/// <param name="Version">The order in which the server took the section's writes.</param>
internal sealed record GuardedWrite(string Section, string Lease, long Version);

/// <summary>The mark of a clinic was found in the bytes that somebody was sent.</summary>
internal sealed record MarkSighting(UserName Receiver, string MarkOf, double At);
