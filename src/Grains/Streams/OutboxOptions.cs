using System.ComponentModel.DataAnnotations;

namespace Clinic.Streams;

/// <summary>How a silo's outbox sends to the hosts: section <c>Outbox</c>.</summary>
public sealed class OutboxOptions
{
    /// <summary>How often a silent outbox says that it is there. A host attaches its topics again after three missing beats. Default 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:00:10")]
    public TimeSpan Beat { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Batches to one host that may be unconfirmed; when they are, what is emitted gathers until some are confirmed. A host confirms eight at a time, or after 50 ms. Default 32.
    /// </summary>
    [Range(1, 1000)]
    public int Window { get; set; } = 32;

    /// <summary>Items in one batch. Default 500.</summary>
    [Range(1, 100_000)]
    public int MaxBatchItems { get; set; } = 500;

    /// <summary>
    /// Items that may wait for one host. Beyond it the outbox drops them all and starts anew, and the host recovers from the logs. Default 50,000.
    /// </summary>
    [Range(1000, 10_000_000)]
    public int MaxWaitingItems { get; set; } = 50_000;

    /// <summary>For how long sent batches may stay unconfirmed before they are sent again. Default 2 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan ResendAfter { get; set; } = TimeSpan.FromSeconds(2);
}
