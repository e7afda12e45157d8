using System.Collections.Concurrent;
using HdrHistogram;

namespace Clinic.Load.Events;

/// <summary>What became of every publish: how many, how long, refused with what, and when one succeeded.</summary>
internal sealed class PublishLog
{
    private readonly HistogramBase _latency = HistogramFactory.With64BitBucketSize()
        .WithValuesFrom(1).WithValuesUpTo(TimeSpan.FromMinutes(10).Ticks / 10).WithPrecisionOf(3).WithThreadSafeWrites().Create();

    private readonly ConcurrentDictionary<string, long> _refused = new();
    private readonly ConcurrentBag<Success> _successes = [];
    private long _published;
    private long _acknowledged;
    private long _retries;
    private long _abandoned;

    public HistogramBase Latency => _latency;

    public long Published => Interlocked.Read(ref _published);

    public long Acknowledged => Interlocked.Read(ref _acknowledged);

    /// <summary>Attempts after the first, with the same id.</summary>
    public long Retries => Interlocked.Read(ref _retries);

    /// <summary>Events that were never acknowledged.</summary>
    public long Abandoned => Interlocked.Read(ref _abandoned);

    /// <summary>Attempts that were not acknowledged, by status and code.</summary>
    public IReadOnlyDictionary<string, long> Refused => _refused;

    public void Due() => Interlocked.Increment(ref _published);

    public void Retried() => Interlocked.Increment(ref _retries);

    public void Abandon() => Interlocked.Increment(ref _abandoned);

    public void Refuse(string what) => _refused.AddOrUpdate(what, 1, (_, count) => count + 1);

    /// <summary>Every acknowledged publish, in no order.</summary>
    public IReadOnlyCollection<Success> Successes => _successes;

    public void Acknowledge(int topic, long due, long now)
    {
        Interlocked.Increment(ref _acknowledged);
        _successes.Add(new Success(topic, due, now));
        _latency.RecordValue(Math.Max(1, MonotonicClock.Microseconds(now - due)));
    }

    /// <summary>The longest time without a successful publish in a span, in ticks, and when it began.</summary>
    public (long Length, long Start) LongestSilence(long from, long until)
    {
        var longest = (Length: 0L, Start: from);
        var last = from;
        foreach (var success in _successes.Select(success => success.At).Where(at => at >= from && at <= until).Order().Append(until))
        {
            if (success - last > longest.Length)
            {
                longest = (success - last, last);
            }

            last = success;
        }

        return longest;
    }
}

/// <summary>One acknowledged publish: to which topic, when it was due and when its acknowledgment came.</summary>
internal readonly record struct Success(int Topic, long Due, long At);
