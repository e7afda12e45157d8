using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Clinic.Publisher;

/// <summary>Adds up what one meter factory's publisher counts, by instrument and attribute.</summary>
internal sealed class Counted : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, double> _sums = new();
    private readonly SemaphoreSlim _news = new(0);

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

    /// <summary>Waits for a sum.</summary>
    public async Task ReachesAsync(string name, double sum)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (this[name] < sum)
        {
            try
            {
                await _news.WaitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"{name} stayed at {this[name]}.");
            }
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        _news.Dispose();
    }

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var name = instrument.Name["clinic.publisher.".Length..];
        foreach (var tag in tags)
        {
            name += $" {tag.Value}";
        }

        _sums.AddOrUpdate(name, value, (_, sum) => sum + value);
        _news.Release();
    }
}
