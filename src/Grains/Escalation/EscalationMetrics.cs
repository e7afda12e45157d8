using System.Diagnostics.Metrics;

namespace Clinic.Escalation;

/// <summary>Meter <c>Clinic.Notifications</c>: what becomes of notifications that nobody acknowledges.</summary>
internal sealed class EscalationMetrics
{
    private static readonly double[] Buckets = [0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 30, 60, 300, 1_800];
    private readonly Counter<long> _escalations;
    private readonly Counter<long> _failures;
    private readonly Histogram<double> _lateness;
    private long _open = -1;

    public EscalationMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Clinic.Notifications");
        _escalations = meter.CreateCounter<long>("clinic.notifications.escalations", "{escalation}", "Steps of unacknowledged notifications.");
        _failures = meter.CreateCounter<long>("clinic.notifications.escalation_failures", "{failure}", "Steps that failed and are tried again.");
        _lateness = meter.CreateHistogram<double>(
            "clinic.notifications.escalation.lateness",
            "s",
            "From when a step was due to its commit.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = Buckets });
        meter.CreateObservableUpDownCounter(
            "clinic.notifications.open.count", ObserveOpen, "{notification}", "Notifications that somebody has to acknowledge; the leading silo tells.");
    }

    public void Stepped(string reason, TimeSpan lateness)
    {
        _escalations.Add(1, new KeyValuePair<string, object?>("reason", reason));
        _lateness.Record(lateness.TotalSeconds);
    }

    public void Failed() => _failures.Add(1);

    /// <summary>How many are open; null on a silo that does not know.</summary>
    public void Open(long? count) => Interlocked.Exchange(ref _open, count ?? -1);

    private IEnumerable<Measurement<long>> ObserveOpen()
    {
        var open = Interlocked.Read(ref _open);
        return open < 0 ? [] : [new Measurement<long>(open)];
    }
}
