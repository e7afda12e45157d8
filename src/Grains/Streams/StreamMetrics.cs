using System.Diagnostics.Metrics;

namespace Clinic.Streams;

/// <summary>Meter <c>Clinic.Streams</c>: what a silo sends to the hosts.</summary>
internal sealed class StreamMetrics
{
    private readonly Counter<long> _batches;
    private readonly Counter<long> _items;
    private readonly Counter<long> _resent;
    private readonly Counter<long> _asked;
    private readonly Counter<long> _restarts;

    public StreamMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Clinic.Streams");
        _batches = meter.CreateCounter<long>("clinic.streams.batches", "{batch}", "Batches handed to host streams, beats among them.");
        _items = meter.CreateCounter<long>("clinic.streams.items", "{item}", "Items in those batches.");
        _resent = meter.CreateCounter<long>("clinic.streams.resent", "{batch}", "Batches sent again.");
        _asked = meter.CreateCounter<long>("clinic.streams.resend_requests", "{request}", "Times a host said that something is missing.");
        _restarts = meter.CreateCounter<long>("clinic.streams.restarts", "{restart}", "Times an outbox gave up what it owed a host, which then recovers from the logs.");
    }

    public void Sent(int items)
    {
        _batches.Add(1);
        _items.Add(items);
    }

    public void Resent(int batches) => _resent.Add(batches);

    public void ResendAsked() => _asked.Add(1);

    public void LaneRestarted() => _restarts.Add(1);
}
