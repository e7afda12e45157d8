using System.Diagnostics.Metrics;

namespace Clinic.Realtime;

/// <summary>Meter <c>Clinic.Relay</c>: what a host passes on to its connections.</summary>
internal sealed class RelayMetrics
{
    private readonly Counter<long> _deliveries;
    private readonly Counter<long> _batches;
    private readonly Counter<long> _cutOffs;
    private readonly Counter<long> _repairs;
    private readonly Counter<long> _resets;
    private readonly Counter<long> _attaches;
    private readonly Counter<long> _resends;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _presence;
    private readonly Counter<long> _signalsDropped;
    private long _connections;
    private long _topics;

    public RelayMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Clinic.Relay");
        _deliveries = meter.CreateCounter<long>("clinic.relay.deliveries", "{delivery}", "Events times connections they were sent to.");
        _batches = meter.CreateCounter<long>("clinic.relay.batches", "{batch}", "Batches received from the silos, beats among them.");
        _cutOffs = meter.CreateCounter<long>("clinic.relay.cut_offs", "{connection}", "Connections cut off because they did not read.");
        _repairs = meter.CreateCounter<long>("clinic.relay.repairs", "{repair}", "Gaps closed from a topic's log.");
        _resets = meter.CreateCounter<long>("clinic.relay.resets", "{reset}", "Gaps that could not be closed; clients were told to reload.");
        _attaches = meter.CreateCounter<long>("clinic.relay.attaches", "{attach}", "Topics attached, first or again, by reason.");
        _resends = meter.CreateCounter<long>("clinic.relay.resend_requests", "{request}", "Batches asked for again.");
        _refused = meter.CreateCounter<long>("clinic.relay.refused_calls", "{call}", "Hub calls refused, by code.");
        _presence = meter.CreateCounter<long>("clinic.relay.presence_diffs", "{diff}", "Presence diffs sent on.");
        _signalsDropped = meter.CreateCounter<long>("clinic.relay.dropped_signals", "{signal}", "Signals given up: too many waited for a silo, or the call failed.");
        meter.CreateObservableUpDownCounter("clinic.relay.connection.count", () => Interlocked.Read(ref _connections), "{connection}", "Live connections.");
        meter.CreateObservableUpDownCounter("clinic.relay.topic.count", () => Interlocked.Read(ref _topics), "{topic}", "Topics this host is attached to.");
    }

    public void Connected() => Interlocked.Increment(ref _connections);

    public void Disconnected() => Interlocked.Decrement(ref _connections);

    public void TopicCame() => Interlocked.Increment(ref _topics);

    public void TopicLeft() => Interlocked.Decrement(ref _topics);

    public void Delivered(int events, int connections) => _deliveries.Add((long)events * connections);

    public void BatchReceived() => _batches.Add(1);

    public void CutOff() => _cutOffs.Add(1);

    public void Repaired() => _repairs.Add(1);

    public void Reset() => _resets.Add(1);

    public void Attached(string reason) => _attaches.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void ResendAsked() => _resends.Add(1);

    public void CallRefused(string code) => _refused.Add(1, new KeyValuePair<string, object?>("code", code));

    public void PresenceTold() => _presence.Add(1);

    public void SignalsDropped(int count) => _signalsDropped.Add(count);
}
