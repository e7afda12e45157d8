using System.ComponentModel.DataAnnotations;

namespace Clinic.Presence;

/// <summary>How long presence lasts and how often it is told: section <c>Presence</c>.</summary>
public sealed class PresenceOptions
{
    /// <summary>
    /// How long a user whose last connection broke is shown as reconnecting. Longer hides short network losses, shorter tells the truth
    /// sooner; with the up to 6 s that a dead socket takes to be noticed it has to stay under 10 s. Default 3 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:09")]
    public TimeSpan Grace { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>The same for connections that a stopping host sent away: they come back within the spread of its retry times. Default 8 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:09")]
    public TimeSpan DrainGrace { get; set; } = TimeSpan.FromSeconds(8);

    /// <summary>How long typing shows after the last sign of it; clients repeat it every 3 s. Default 6 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan TypingLease { get; set; } = TimeSpan.FromSeconds(6);

    /// <summary>
    /// A topic tells of changes at once when it was quiet, then gathers them for <c>min(MaxPeriod, receivers x PeriodPerReceiver)</c>. So a
    /// topic costs at most about <c>1 / PeriodPerReceiver</c> presence messages a second however many people join. Default 0.5 ms: 50 receivers
    /// wait up to 25 ms, 1,000 up to half a second.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:01")]
    public TimeSpan PeriodPerReceiver { get; set; } = TimeSpan.FromMilliseconds(0.5);

    /// <summary>The longest gathering. Default 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:05")]
    public TimeSpan MaxPeriod { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long a topic that came up anew after the loss of a silo waits at most for the hosts known alive to report their connections; until
    /// then it takes nobody away. A host that hears nothing of the loss notices it by the silence of the silo's outbox, after up to 4 s, so it has to be longer. A host
    /// that died meanwhile is not waited for. Default 6 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:30")]
    public TimeSpan RebuildLimit { get; set; } = TimeSpan.FromSeconds(6);

    /// <summary>Most users shown on a topic; who comes after that takes part without being shown. Default 10,000.</summary>
    [Range(1, 1_000_000)]
    public int MaxEntries { get; set; } = 10_000;

    /// <summary>Most connections counted for one user on a topic; further ones work but are not counted. Default 100.</summary>
    [Range(1, 10_000)]
    public int MaxConnectionsPerEntry { get; set; } = 100;
}
