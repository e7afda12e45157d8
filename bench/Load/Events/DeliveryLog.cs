using HdrHistogram;

namespace Clinic.Load.Events;

/// <summary>Takes every delivery of a run; the latency counts from the instant the event was due.</summary>
internal class DeliveryLog(int run)
{
    private readonly HistogramBase _latency = HistogramFactory.With64BitBucketSize()
        .WithValuesFrom(1).WithValuesUpTo(TimeSpan.FromMinutes(10).Ticks / 10).WithPrecisionOf(3).WithThreadSafeWrites().Create();

    private long _from = long.MaxValue;
    private long _until = long.MaxValue;
    private long _deliveries;

    public int Run { get; } = run;

    /// <summary>Deliveries of events that were due in the measured span.</summary>
    public long Deliveries => Interlocked.Read(ref _deliveries);

    public HistogramBase Latency => _latency;

    public void Measure(long from, long until)
    {
        Volatile.Write(ref _until, until);
        Volatile.Write(ref _from, from);
    }

    public virtual void Delivered(in Arrival arrival, long now)
    {
        if (arrival.Run != Run || arrival.Due < Volatile.Read(ref _from) || arrival.Due >= Volatile.Read(ref _until))
        {
            return;
        }

        Interlocked.Increment(ref _deliveries);
        _latency.RecordValue(Math.Max(1, MonotonicClock.Microseconds(now - arrival.Due)));
    }
}
