using System.ComponentModel.DataAnnotations;

namespace Clinic.Security;

/// <summary>How much a caller may ask for: section <c>Limits</c>.</summary>
internal sealed class LimitOptions
{
    /// <summary>Largest request body; beyond it 413. A constant, because other parts are made for it: buffers, the event log, batches.</summary>
    public const int MaxBodyBytes = 256 * 1024;

    /// <summary>Calls per second of one hub connection; one second's worth may come at once. 0 is no limit. Default 50.</summary>
    [Range(0, 1_000_000)]
    public int HubCallsPerSecond { get; set; } = 50;

    /// <summary>Publishes per second of one clinic on one Api host; one second's worth may come at once. 0 is no limit. Default 1,000.</summary>
    [Range(0, 1_000_000)]
    public int EventsPerSecond { get; set; } = 1000;
}
