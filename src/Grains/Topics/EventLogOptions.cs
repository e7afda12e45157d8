using System.ComponentModel.DataAnnotations;

namespace Clinic.Topics;

/// <summary>How much of a topic's past is kept, and what a topic takes at once: section <c>EventLog</c>.</summary>
public sealed class EventLogOptions
{
    /// <summary>Events that a topic keeps at least. The contract promises 1,000. Default 1,000.</summary>
    [Range(1000, 1_000_000)]
    public int KeepEvents { get; set; } = 1000;

    /// <summary>For how long a topic keeps its events at least. The contract promises 10 minutes. Default 10 minutes.</summary>
    [Range(typeof(TimeSpan), "00:10:00", "30.00:00:00")]
    public TimeSpan KeepFor { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Newest events of an active topic held in memory, so that a recovery needs no query. Default 500.</summary>
    [Range(0, 100_000)]
    public int TailEvents { get; set; } = 500;

    /// <summary>Bytes of event data that the tail in memory may hold per topic. Default 512 KB.</summary>
    [Range(0, 1 << 30)]
    public int TailBytes { get; set; } = 512 * 1024;

    /// <summary>
    /// Most events a recovery brings; who is further behind reloads. It bounds the answer's size with <see cref="MaxRecoveryBytes"/>. Default 20,000, far above the number
    /// that is kept at least.
    /// </summary>
    [Range(1000, 1_000_000)]
    public int MaxRecovery { get; set; } = 20_000;

    /// <summary>Most bytes of event data that a recovery brings; who missed more reloads. Default 16 MB.</summary>
    [Range(1024 * 1024, 64 * 1024 * 1024)]
    public int MaxRecoveryBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>Publishes of one topic that may wait for the database; more are refused. Default 2,000.</summary>
    [Range(1, 1_000_000)]
    public int MaxWaiting { get; set; } = 2000;

    /// <summary>Events that one topic puts into one commit. Default 256.</summary>
    [Range(1, 10_000)]
    public int MaxCommit { get; set; } = 256;

    /// <summary>For how long an event id makes a repeat harmless. The contract promises 24 h. Default 24 h.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "365.00:00:00")]
    public TimeSpan RememberIds { get; set; } = TimeSpan.FromHours(24);
}
