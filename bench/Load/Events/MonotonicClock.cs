using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Clinic.Load.Events;

/// <summary>The one clock of a run, and a wait that keeps a schedule to within a fraction of a millisecond.</summary>
internal static partial class MonotonicClock
{
    private const int ClockMonotonic = 1;
    private const int AbsoluteTime = 1;

    public static long Now => Stopwatch.GetTimestamp();

    public static long Ticks(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);

    public static double Seconds(long ticks) => (double)ticks / Stopwatch.Frequency;

    public static long Microseconds(long ticks) => ticks * 1_000_000 / Stopwatch.Frequency;

    /// <summary>Blocks the calling thread, which must be the caller's own, until the clock shows <paramref name="due"/>.</summary>
    public static void WaitUntil(long due)
    {
        // On Linux the stopwatch counts the nanoseconds of CLOCK_MONOTONIC, so both speak of the same instant.
        if (OperatingSystem.IsLinux() && Stopwatch.Frequency == 1_000_000_000)
        {
            var time = new TimeSpec { Seconds = due / 1_000_000_000, Nanoseconds = due % 1_000_000_000 };
            while (Now < due && ClockNanosleep(ClockMonotonic, AbsoluteTime, in time, IntPtr.Zero) != 0)
            {
                // Woken by a signal: the rest of the wait is still to come.
            }

            return;
        }

        while (Now < due)
        {
            Thread.Sleep(TimeSpan.FromMilliseconds(Math.Max(0, Math.Floor(1000 * Seconds(due - Now)))));
        }
    }

    [LibraryImport("libc", EntryPoint = "clock_nanosleep")]
    private static partial int ClockNanosleep(int clock, int flags, in TimeSpec request, IntPtr remaining);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
