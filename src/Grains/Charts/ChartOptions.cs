using System.ComponentModel.DataAnnotations;

namespace Clinic.Charts;

/// <summary>Limits of charts: section <c>Charts</c>.</summary>
public sealed class ChartOptions
{
    /// <summary>
    /// How long a section may be held without <c>BeginEdit</c> being repeated; then it is free again with reason <c>expired</c>. It frees what somebody left
    /// open on an unlocked screen. Default 1 hour.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00")]
    public TimeSpan MaxEdit { get; set; } = TimeSpan.FromHours(1);

    /// <summary>
    /// For how long a reason opens a restricted chart to somebody who is not of its care team; then it closes by itself, and going on needs a new reason. Longer interrupts less,
    /// shorter asks again sooner. Hosts and silos need the same. Default 30 minutes.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan BreakGlassFor { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>Sections of one chart that may be held at a time. Default 50.</summary>
    [Range(1, 10_000)]
    public int MaxSections { get; set; } = 50;

    /// <summary>Sections of one chart that may ever be held: each leaves a row, so that its fence never falls. Default 500.</summary>
    [Range(1, 100_000)]
    public int MaxSectionNames { get; set; } = 500;
}
