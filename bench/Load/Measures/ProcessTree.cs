using System.Globalization;

namespace Clinic.Load.Measures;

/// <summary>The processes of this machine as <c>/proc</c> has them. A database serves each connection from a child, which belongs to it.</summary>
internal static class ProcessTree
{
    /// <summary>A process and all that descend from it; those that end meanwhile are left out.</summary>
    public static IReadOnlyList<int> Of(int pid)
    {
        var children = All().GroupBy(process => process.Parent).ToDictionary(group => group.Key, group => group.Select(process => process.Pid).ToList());
        var found = new List<int> { pid };
        for (var index = 0; index < found.Count; index++)
        {
            found.AddRange(children.GetValueOrDefault(found[index]) ?? []);
        }

        return found;
    }

    /// <summary>What <c>/proc/PID/stat</c> has after the command's name, which stands in parentheses and may hold blanks; null when there is no such process.</summary>
    public static string[]? Stat(int pid)
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

    private static IEnumerable<(int Pid, int Parent)> All()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var pid) && Stat(pid) is { } fields)
            {
                yield return (pid, int.Parse(fields[1], CultureInfo.InvariantCulture));
            }
        }
    }
}
