namespace Clinic.Presence;

/// <summary>One connection of a presence set.</summary>
internal sealed class PresentConnection(string host, ConnectionPresence presence)
{
    public string Host => host;

    public ConnectionPresence Presence { get; set; } = presence;

    /// <summary>The last stamp seen, so that only a new one renews the typing lease.</summary>
    public long TypingStamp { get; set; }

    public DateTimeOffset? TypingUntil { get; set; }

    public DateTimeOffset BrokenAt { get; set; }

    /// <summary>When a broken connection is gone for good; null while it is live.</summary>
    public DateTimeOffset? GoneAt { get; set; }

    /// <summary>Why it broke.</summary>
    public RemovalCause Cause { get; set; }

    public bool IsLive => GoneAt is null;

    /// <summary>When its view of a restricted chart ends by itself; null for one that does not.</summary>
    public DateTimeOffset? ViewEndsAt => Presence.Viewing?.BreakGlass?.Until;

    /// <summary>The end that waits for its time already, so that it waits once however often the connection is reported.</summary>
    public DateTimeOffset? ViewEndIsDue { get; set; }
}

/// <summary>Why a connection is gone.</summary>
internal enum RemovalCause
{
    Closed,
    ConnectionLost,
    HostLost,
    Expired,
    Revoked,
}

/// <summary>A connection that is gone for good.</summary>
/// <param name="Connection">The connection's id.</param>
/// <param name="User">Its user.</param>
/// <param name="Cause">Why.</param>
/// <param name="At">When it ended or broke; the grace is not part of it.</param>
internal readonly record struct RemovedConnection(string Connection, string User, RemovalCause Cause, DateTimeOffset At);
