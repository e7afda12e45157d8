using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Clinic.Faults;

/// <summary>The cluster of <c>deploy/cluster</c>, started, broken and stopped by its own command.</summary>
internal sealed partial class Cluster(string root)
{
    public string Root { get; } = root;

    public IReadOnlyList<Uri> Hosts { get; private set; } = [];

    public string HostAssembly => Path.Combine(Root, "artifacts", "cluster", "bin", "host", "Clinic.Api.dll");

    /// <summary>The folder with the solution, from wherever the tool was built or called.</summary>
    public static string FindRoot()
    {
        foreach (var start in new[] { Directory.GetCurrentDirectory(), AppContext.BaseDirectory })
        {
            for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
            {
                if (File.Exists(Path.Combine(folder.FullName, "deploy", "cluster")))
                {
                    return folder.FullName;
                }
            }
        }

        throw new InvalidOperationException("deploy/cluster is not above the current folder");
    }

    public async Task StartFreshAsync(string[] options)
    {
        await RunAsync("stop", "--wipe");
        await StartAsync(options);
    }

    public async Task StartAsync(string[] options)
    {
        var shown = await RunAsync(["start", .. options]);
        Hosts = [.. HostLine().Matches(shown).Select(match => new Uri(match.Groups[1].Value))];
        if (Hosts.Count < 2)
        {
            throw new InvalidOperationException($"two hosts are needed; deploy/cluster showed:{Environment.NewLine}{shown}");
        }
    }

    /// <summary>Whether a process runs and answers that it is ready.</summary>
    public async Task<bool> IsReadyAsync(string kind, int number)
    {
        var status = await RunAsync("status");
        return status.Split('\n').Any(line => line.StartsWith($"{kind} {number} ", StringComparison.Ordinal)
            && line.TrimEnd().EndsWith(" ready", StringComparison.Ordinal) && !line.Contains("not ready", StringComparison.Ordinal));
    }

    public async Task<string> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(Root, "deploy", "cluster"), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? await output
            : throw new InvalidOperationException($"deploy/cluster {string.Join(' ', arguments)}: {await errors}{await output}");
    }

    [GeneratedRegex(@"^host \d+ +(http://\S+)", RegexOptions.Multiline)]
    private static partial Regex HostLine();
}
