using System.Globalization;

namespace Clinic.Peers.Results;

/// <summary>Memory of a process as the operating system has it.</summary>
internal static class ProcessMemory
{
    /// <summary>Resident bytes of one process.</summary>
    public static long Resident(int pid)
    {
        var line = File.ReadLines($"/proc/{pid}/status").First(text => text.StartsWith("VmRSS:", StringComparison.Ordinal));
        return 1024 * long.Parse(line.AsSpan(6, line.Length - 8).Trim(), CultureInfo.InvariantCulture);
    }
}
