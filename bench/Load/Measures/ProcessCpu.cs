using System.Globalization;

namespace Clinic.Load.Measures;

/// <summary>CPU time of a process and its children, those that have ended too, user and system, as the operating system has it.</summary>
internal static class ProcessCpu
{
    // USER_HZ, which every Linux fixes at 100 for what it shows.
    private const double TicksPerSecond = 100;
    private const int Threads = 17;

    /// <summary>Seconds used so far, or null when there is no such process.</summary>
    public static double? Seconds(int pid)
        // A child's time shows in its parent only after it ended.
        => Read(pid) is { } own ? own + ProcessTree.Of(pid).Skip(1).Sum(child => Read(child) ?? 0) : null;

    private static double? Read(int pid)
        => ProcessTree.Stat(pid) is { } fields ? (Precise(pid, fields) ?? Ticks(fields, 11)) + Ticks(fields, 13) : null;

    private static double Ticks(string[] fields, int first)
        => (long.Parse(fields[first], CultureInfo.InvariantCulture) + long.Parse(fields[first + 1], CultureInfo.InvariantCulture)) / TicksPerSecond;

    /// <summary>
    /// In nanoseconds, which the kernel has for each thread: the sessions of a database are many and each does little, so that hundredths of a second would be off by a
    /// good part of their sum. Null for a process of several threads, whose time they would take with them when they end.
    /// </summary>
    private static double? Precise(int pid, string[] fields)
    {
        if (fields[Threads] != "1")
        {
            return null;
        }

        try
        {
            return long.Parse(File.ReadAllText($"/proc/{pid}/schedstat").Split(' ')[0], CultureInfo.InvariantCulture) / 1e9;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
