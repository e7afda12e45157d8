using System.Globalization;

namespace Clinic.Load.Measures;

/// <summary>Memory of a process as the operating system has it.</summary>
internal static class ProcessMemory
{
    /// <summary>Resident bytes of one process.</summary>
    public static long Resident(int pid) => Line($"/proc/{pid}/status", "VmRSS:");

    /// <summary>Resident bytes of one process, of which those that it shares count in parts, one for each that has them.</summary>
    public static long Proportional(int pid) => Line($"/proc/{pid}/smaps_rollup", "Pss:");

    private static long Line(string file, string name)
    {
        var line = File.ReadLines(file).First(text => text.StartsWith(name, StringComparison.Ordinal));
        return 1024 * long.Parse(line.AsSpan(name.Length, line.Length - name.Length - 2).Trim(), CultureInfo.InvariantCulture);
    }
}
