using System.Globalization;

namespace Clinic.Load.Measures;

/// <summary>CPU time of a process and its children, user and system, as the operating system has it.</summary>
internal static class ProcessCpu
{
    // USER_HZ, which every Linux fixes at 100 for what it shows.
    private const double TicksPerSecond = 100;

    /// <summary>Seconds used so far, or null when there is no such process.</summary>
    public static double? Seconds(int pid)
    {
        if (Read(pid) is not { } own)
        {
            return null;
        }

        // A database serves each connection from a child, whose time shows in the parent only after it ended.
        var parents = All().GroupBy(process => process.Parent).ToDictionary(group => group.Key, group => group.Select(process => process.Pid).ToList());
        var sum = own;
        var open = new Stack<int>(parents.GetValueOrDefault(pid) ?? []);
        while (open.TryPop(out var child))
        {
            sum += Read(child) ?? 0;
            foreach (var grandchild in parents.GetValueOrDefault(child) ?? [])
            {
                open.Push(grandchild);
            }
        }

        return sum;
    }

    private static double? Read(int pid)
        => Fields(pid) is { } fields
            ? (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond
            : null;

    private static IEnumerable<(int Pid, int Parent)> All()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var pid) && Fields(pid) is { } fields)
            {
                yield return (pid, int.Parse(fields[1], CultureInfo.InvariantCulture));
            }
        }
    }

    // The fields after the command's name, which stands in parentheses and may hold blanks.
    private static string[]? Fields(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
