using System.ComponentModel.DataAnnotations;

namespace Clinic.Records;

/// <summary>How the record routes hand their events on: section <c>Records</c>.</summary>
internal sealed class RecordOptions
{
    /// <summary>
    /// Topics that may wait on this host for their pending events to be taken into the log. Beyond it a topic is left to the silos' sweep,
    /// which is slower but forgets nothing. Default 10,000.
    /// </summary>
    [Range(1, 1_000_000)]
    public int MaxWaitingTopics { get; set; } = 10_000;

    /// <summary>Topics that are drained side by side. More hides slow grains, fewer spares the silos. Default 32.</summary>
    [Range(1, 1_000)]
    public int ConcurrentDrains { get; set; } = 32;
}
