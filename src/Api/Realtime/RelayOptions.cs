using System.ComponentModel.DataAnnotations;

namespace Clinic.Realtime;

/// <summary>How a host relays topics to its connections: section <c>Relay</c>.</summary>
public sealed class RelayOptions
{
    /// <summary>Topics that one connection may subscribe to. The contract says 1,000. Default 1,000.</summary>
    [Range(1, 100_000)]
    public int MaxTopicsPerConnection { get; set; } = 1000;

    /// <summary>
    /// Messages that may wait for a connection that does not read; beyond it the connection is cut off and its client recovers with <c>since</c>. Default 2,000.
    /// </summary>
    [Range(10, 1_000_000)]
    public int MaxWaitingMessages { get; set; } = 2000;

    /// <summary>Bytes of event data that may wait for such a connection. Default 4 MB.</summary>
    [Range(64 * 1024, 1 << 30)]
    public int MaxWaitingBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>
    /// What each receiving connection here beyond the first 50 adds to the pause between two sendings of a topic, up to 50 ms: events that come meanwhile go out together.
    /// Zero sends each at once. Default 0.1 ms.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:00.001")]
    public TimeSpan SendPause { get; set; } = TimeSpan.FromMicroseconds(100);

    /// <summary>How long a topic that nobody here needs any more stays attached, so that a page reload costs nothing. Default 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan Linger { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Silence of a silo's outbox after which its topics are attached again, wherever they are by then. Default 3 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan OutboxSilence { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a hub call waits for a topic whose grain can't be reached, before it answers <c>unavailable</c>. Default 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan CallLimit { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Clients of a stopping host are told to come back after a random time up to this, so that they don't all knock at once. Default 4 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:07")]
    public TimeSpan DrainSpread { get; set; } = TimeSpan.FromSeconds(4);
}
