using System.ComponentModel.DataAnnotations;

namespace Clinic.Hosts;

/// <summary>How the liveness of Api hosts is judged: section <c>Hosts</c>.</summary>
public sealed class HostLivenessOptions
{
    /// <summary>How often a host tells each silo that it is alive. Default 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:00:10")]
    public TimeSpan Beat { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Silence after which a host is gone, if no other silo heard of it either. With the grace after it this decides how long the users of a
    /// dead host are shown; it has to be at least twice the beat. Default 3 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.2", "00:00:30")]
    public TimeSpan SilenceLimit { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Whether there is one host only, which runs in the silo's own process.</summary>
    internal bool IsAlone { get; set; }
}
