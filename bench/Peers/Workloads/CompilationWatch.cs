using System.Globalization;
using Clinic.Load.Events;
using Clinic.Peers.Servers;

namespace Clinic.Peers.Workloads;

/// <summary>
/// How busy .NET is with compiling anew what has run often, by the CPU of the threads that do it. A server that has been up for a day no longer does; on one core several
/// processes need a minute until they don't.
/// </summary>
internal sealed class CompilationWatch(Peer peer)
{
    // As the kernel cuts the thread's name off.
    private const string ThreadName = ".NET Tiered Com";

    private double _seconds = Seconds(peer);
    private long _at = MonotonicClock.Now;

    /// <summary>Cores that were busy with it since this was last asked.</summary>
    public double Cores()
    {
        var (seconds, at) = (Seconds(peer), MonotonicClock.Now);
        // A thread with nothing to do ends, and its time goes with it.
        var cores = Math.Max(0, seconds - _seconds) / MonotonicClock.Seconds(at - _at);
        (_seconds, _at) = (seconds, at);
        return cores;
    }

    private static double Seconds(Peer peer)
        => peer.Processes.Where(process => process.Role == Role.Server)
            .SelectMany(process => Directory.EnumerateDirectories($"/proc/{process.Pid}/task")).Sum(SecondsOf);

    private static double SecondsOf(string thread)
    {
        try
        {
            var stat = File.ReadAllText(Path.Combine(thread, "stat"));
            var end = stat.LastIndexOf(')');
            if (!stat.AsSpan(0, end).EndsWith(ThreadName, StringComparison.Ordinal))
            {
                return 0;
            }

            var fields = stat[(end + 2)..].Split(' ');
            return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / 100.0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It has ended meanwhile.
            return 0;
        }
    }
}
