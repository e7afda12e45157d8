using System.Diagnostics;

namespace Clinic.Load.Measures;

/// <summary>Where a figure was measured and from which commit: without that it can't be compared.</summary>
internal sealed record Machine(int Cores, string Cpu, string OperatingSystem, string Runtime, string Commit)
{
    public static Machine Here() => new(
        Environment.ProcessorCount,
        CpuModel(),
        OperatingSystemName(),
        Environment.Version.ToString(),
        CommitId());

    /// <summary>The same for a process that was given some of the cores only, and sees no others.</summary>
    public static Machine Whole()
        => Here() with { Cores = File.ReadLines("/proc/cpuinfo").Count(line => line.StartsWith("processor", StringComparison.Ordinal)) };

    private static string OperatingSystemName() => global::System.Runtime.InteropServices.RuntimeInformation.OSDescription;

    private static string CpuModel()
        => File.Exists("/proc/cpuinfo")
            ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim() ?? "unknown"
            : "unknown";

    private static string CommitId()
    {
        try
        {
            var commit = Git("rev-parse --short=12 HEAD");
            return commit.Length > 0 && Git("status --porcelain --untracked-files=no").Length > 0 ? $"{commit} with changes" : commit;
        }
        catch (Exception exception) when (exception is InvalidOperationException or global::System.ComponentModel.Win32Exception)
        {
            return "unknown";
        }
    }

    private static string Git(string arguments)
    {
        using var git = Process.Start(new ProcessStartInfo("git", arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = AppContext.BaseDirectory,
        })!;
        var output = git.StandardOutput.ReadToEnd().Trim();
        git.WaitForExit();
        return git.ExitCode == 0 ? output : "";
    }
}
