using System.Globalization;

namespace Clinic.Load.Measures;

/// <summary>CPU time of a process and its children, user and system, as the operating system has it.</summary>
internal static class ProcessCpu
{
    // USER_HZ, which every Linux fixes at 100 for what it shows.
    private const double TicksPerSecond = 100;

    /// <summary>Seconds used so far, or null when there is no such process.</summary>
    public static double? Seconds(int pid)
        // A child's time shows in its parent only after it ended.
        => Read(pid) is { } own ? own + ProcessTree.Of(pid).Skip(1).Sum(child => Read(child) ?? 0) : null;

    private static double? Read(int pid)
        => ProcessTree.Stat(pid) is { } fields
            ? (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond
            : null;
}
