using System.Diagnostics.Metrics;

namespace Clinic.Topics;

/// <summary>Meter <c>Clinic.Topics</c>: what the event logs of a silo do.</summary>
internal sealed class TopicMetrics
{
    private static readonly double[] Buckets = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5];
    private readonly Counter<long> _events;
    private readonly Counter<long> _groups;
    private readonly Counter<long> _failures;
    private readonly Counter<long> _conflicts;
    private readonly Histogram<double> _commitDuration;
    private long _activations;

    public TopicMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Clinic.Topics");
        _events = meter.CreateCounter<long>("clinic.topics.events", "{event}", "Events committed.");
        _groups = meter.CreateCounter<long>("clinic.topics.commits", "{commit}", "Group commits; events per commit tell how well grouping works.");
        _failures = meter.CreateCounter<long>("clinic.topics.commit_failures", "{failure}", "Commits that the database failed.");
        _conflicts = meter.CreateCounter<long>("clinic.topics.conflicts", "{conflict}", "Appends that met another writer of the same log.");
        _commitDuration = meter.CreateHistogram<double>(
            "clinic.topics.commit.duration", "s", "From taking events to their commit.", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = Buckets });
        meter.CreateObservableUpDownCounter("clinic.topics.topic.count", () => Interlocked.Read(ref _activations), "{topic}", "Topics active on this silo.");
    }

    public void Committed(int events, TimeSpan duration)
    {
        _events.Add(events);
        _commitDuration.Record(duration.TotalSeconds);
    }

    public void GroupCommitted(int appends) => _groups.Add(appends > 0 ? 1 : 0);

    public void CommitFailed() => _failures.Add(1);

    public void Conflicted() => _conflicts.Add(1);

    public void Activated() => Interlocked.Increment(ref _activations);

    public void Deactivated() => Interlocked.Decrement(ref _activations);
}
