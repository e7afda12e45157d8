using System.Diagnostics.Metrics;

namespace Clinic.Publisher;

/// <summary>Meter <c>Clinic.Publisher</c>: what became of the events this process published.</summary>
internal sealed class PublisherMetrics
{
    /// <summary>An acknowledgement within a network takes milliseconds, an outage that was bridged minutes.</summary>
    private static readonly double[] Buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 600];

    private readonly Counter<long> _queued;
    private readonly Counter<long> _delivered;
    private readonly Counter<long> _dropped;
    private readonly Counter<long> _retries;
    private readonly Histogram<double> _duration;

    public PublisherMetrics(IMeterFactory meters, EventQueue queue)
    {
        var meter = meters.Create("Clinic.Publisher");
        _queued = meter.CreateCounter<long>("clinic.publisher.queued", "{event}", "Events taken into the queue.");
        _delivered = meter.CreateCounter<long>("clinic.publisher.delivered", "{event}", "Events the Clinic acknowledged.");
        _dropped = meter.CreateCounter<long>("clinic.publisher.dropped", "{event}", "Events that will not be delivered, by reason.");
        _retries = meter.CreateCounter<long>("clinic.publisher.retries", "{retry}", "Calls that will be repeated, by reason.");
        _duration = meter.CreateHistogram(
            "clinic.publisher.delivery.duration",
            "s",
            "From the publishing call to the acknowledgement.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = Buckets });
        meter.CreateObservableUpDownCounter("clinic.publisher.queue.length", () => queue.Count, "{event}", "Events waiting or under way.");
    }

    public void Queued() => _queued.Add(1);

    public void Delivered(TimeSpan after)
    {
        _delivered.Add(1);
        _duration.Record(after.TotalSeconds);
    }

    public void Dropped(DropReason reason, int count = 1) => _dropped.Add(count, new KeyValuePair<string, object?>("reason", NameOf(reason)));

    public void Retried(string reason) => _retries.Add(1, new KeyValuePair<string, object?>("reason", reason));

    private static string NameOf(DropReason reason) => reason switch
    {
        DropReason.Full => "full",
        DropReason.Invalid => "invalid",
        DropReason.TooLarge => "too_large",
        DropReason.Refused => "refused",
        DropReason.Expired => "expired",
        DropReason.Stopped => "stopped",
        _ => "failed",
    };
}

/// <summary>Why an event was not delivered.</summary>
internal enum DropReason
{
    /// <summary>The queue was full.</summary>
    Full,

    /// <summary>A name was malformed or the data could not be serialized.</summary>
    Invalid,

    /// <summary>The data was above the limit.</summary>
    TooLarge,

    /// <summary>The Clinic refused it for good.</summary>
    Refused,

    /// <summary>It had waited for too long.</summary>
    Expired,

    /// <summary>The process stopped.</summary>
    Stopped,

    /// <summary>A bug.</summary>
    Failed,
}
