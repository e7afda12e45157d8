using Clinic.Load.Events;

namespace Clinic.Faults;

/// <summary>Keeps the longest delay of a delivery for each tenth of a second in which events were due.</summary>
internal sealed class DelayLog(int run, TimeSpan length) : DeliveryLog(run)
{
    private static readonly long Slot = MonotonicClock.Ticks(TimeSpan.FromMilliseconds(100));

    private readonly long[] _longest = new long[(int)(length.TotalSeconds * 10) + 20];
    private long _start = long.MaxValue;

    public void Begin(long start)
    {
        Volatile.Write(ref _start, start);
        Measure(start, long.MaxValue);
    }

    public override void Delivered(in Arrival arrival, long now)
    {
        base.Delivered(arrival, now);
        if (arrival.Run != Run || _start == long.MaxValue)
        {
            return;
        }

        var slot = (arrival.Due - Volatile.Read(ref _start)) / Slot;
        if (slot < 0 || slot >= _longest.Length)
        {
            return;
        }

        var delay = now - arrival.Due;
        for (var seen = Volatile.Read(ref _longest[slot]); delay > seen;)
        {
            var before = Interlocked.CompareExchange(ref _longest[slot], delay, seen);
            if (before == seen)
            {
                break;
            }

            seen = before;
        }
    }

    /// <summary>The longest delay among events due in a span, in seconds.</summary>
    public double Longest(long from, long until)
    {
        var first = (int)Math.Clamp((from - _start) / Slot, 0, _longest.Length - 1);
        var last = (int)Math.Clamp((until - _start) / Slot, first, _longest.Length - 1);
        return Math.Round(MonotonicClock.Seconds(_longest[first..(last + 1)].Max()), 3);
    }
}
