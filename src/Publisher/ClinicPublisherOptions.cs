using System.Text.Json;

namespace Clinic.Publisher;

/// <summary>How events are queued and delivered. Checked when the host starts.</summary>
public sealed class ClinicPublisherOptions
{
    /// <summary>Where the Clinic Api is, such as <c>https://clinic.internal</c>; a path is kept. Required over HTTP.</summary>
    public string? Url { get; set; }

    /// <summary>One of the Api's <c>Auth__ServiceKeys</c>. Required over HTTP; never logged.</summary>
    public string? ServiceKey { get; set; }

    /// <summary>Events that may wait or be under way at a time. What comes above is dropped. Default 10,000.</summary>
    public int Capacity { get; set; } = 10_000;

    /// <summary>Bytes of data that may wait or be under way at a time. What comes above is dropped. Default 64 MB.</summary>
    public long MaxQueuedBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>Calls under way at a time; each topic has at most one. More is faster and asks more of the Api. Default 8.</summary>
    public int Concurrency { get; set; } = 8;

    /// <summary>How old an event may get before it is dropped. Longer bridges longer outages, and tells people older news. Default 10 minutes.</summary>
    public TimeSpan GiveUpAfter { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long one call may take before it counts as failed and is repeated. Default 10 s.</summary>
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a stopping process waits for the queue to become empty; the host's own shutdown limit has to be longer. Default 5 s.</summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How data becomes JSON. Default camelCase, as everything else in the contract.</summary>
    public JsonSerializerOptions Json { get; set; } = JsonSerializerOptions.Web;
}
