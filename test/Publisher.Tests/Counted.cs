using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Clinic.Publisher;

/// <summary>Adds up what one meter factory's publisher counts, by instrument and attribute.</summary>
internal sealed class Counted : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, double> _sums = new();

    public Counted(IMeterFactory meters)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == "Clinic.Publisher" && instrument.Meter.Scope == meters)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>The sum under a name such as <c>dropped full</c>; what is observed is observed now.</summary>
    public double this[string name]
    {
        get
        {
            if (name == "queue.length")
            {
                _sums.TryRemove(name, out _);
                _listener.RecordObservableInstruments();
            }

            return _sums.GetValueOrDefault(name);
        }
    }

    public void Dispose() => _listener.Dispose();

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var name = instrument.Name["clinic.publisher.".Length..];
        foreach (var tag in tags)
        {
            name += $" {tag.Value}";
        }

        _sums.AddOrUpdate(name, value, (_, sum) => sum + value);
    }
}
