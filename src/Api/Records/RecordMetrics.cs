using System.Diagnostics.Metrics;

namespace Clinic.Records;

/// <summary>Meter <c>Clinic.Records</c>: what the record writes of a host do, and how their events get on their way.</summary>
internal sealed class RecordMetrics
{
    private readonly Counter<long> _writes;
    private readonly Counter<long> _events;
    private readonly Counter<long> _replays;
    private readonly Counter<long> _drains;
    private readonly Counter<long> _drainFailures;
    private readonly Counter<long> _drainsDropped;

    public RecordMetrics(IMeterFactory meters, PendingTopics topics)
    {
        var meter = meters.Create("Clinic.Records");
        _writes = meter.CreateCounter<long>("clinic.records.writes", "{write}", "Record writes committed.");
        _events = meter.CreateCounter<long>("clinic.records.events", "{event}", "Pending events committed with record writes.");
        _replays = meter.CreateCounter<long>("clinic.records.replays", "{write}", "Writes answered from an earlier one with the same idempotency key.");
        _drains = meter.CreateCounter<long>("clinic.records.drains", "{drain}", "Topics told to take their pending events, and done.");
        _drainFailures = meter.CreateCounter<long>("clinic.records.drain_failures", "{drain}", "Topics that failed to take their pending events; the sweep does it.");
        _drainsDropped = meter.CreateCounter<long>("clinic.records.drains_dropped", "{drain}", "Topics left to the sweep because too many were waiting.");
        meter.CreateObservableUpDownCounter("clinic.records.drain.waiting", () => topics.Count, "{topic}", "Topics waiting or being drained.");
    }

    public void Wrote(int events)
    {
        _writes.Add(1);
        _events.Add(events);
    }

    public void Replayed() => _replays.Add(1);

    public void Drained() => _drains.Add(1);

    public void DrainFailed() => _drainFailures.Add(1);

    public void DrainDropped() => _drainsDropped.Add(1);
}
