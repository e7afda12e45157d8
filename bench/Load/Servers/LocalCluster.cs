using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;

namespace Clinic.Load.Servers;

/// <summary>A process of the cluster.</summary>
/// <param name="Name">As <c>deploy/cluster pids</c> names it: <c>silo1</c>, <c>host2</c>, <c>postgres</c>.</param>
/// <param name="Pid">Its process id.</param>
internal sealed record ClusterProcess(string Name, int Pid)
{
    public bool IsDatabase => Name.StartsWith("postgres", StringComparison.Ordinal);
}

/// <summary>The cluster of <c>deploy/cluster</c>, started, broken and stopped by its own command.</summary>
internal sealed partial class LocalCluster(string root)
{
    public string Root { get; } = root;

    public IReadOnlyList<Uri> Hosts { get; private set; } = [];

    public string HostAssembly => Path.Combine(Root, "artifacts", "cluster", "bin", "host", "Clinic.Api.dll");

    /// <summary>The only core that everything of it may run on, or null for all.</summary>
    public int? Core { get; init; }

    /// <summary>Hosts that a start has to bring; some scenarios go from one to another.</summary>
    public int LeastHosts { get; init; } = 2;

    /// <summary>What its processes have in their environment beside what this one has; null takes a name away.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

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
        if (Hosts.Count < LeastHosts)
        {
            throw new InvalidOperationException($"at least {LeastHosts} hosts are needed; deploy/cluster showed:{System.Environment.NewLine}{shown}");
        }
    }

    /// <summary>Whether a process runs and answers that it is ready.</summary>
    public async Task<bool> IsReadyAsync(string kind, int number)
    {
        var status = await RunAsync("status");
        return status.Split('\n').Any(line => line.StartsWith($"{kind} {number} ", StringComparison.Ordinal)
            && line.TrimEnd().EndsWith(" ready", StringComparison.Ordinal) && !line.Contains("not ready", StringComparison.Ordinal));
    }

    /// <summary>What runs of it now.</summary>
    public async Task<IReadOnlyList<ClusterProcess>> ProcessesAsync() =>
        [.. PidOption().Matches(await RunAsync("pids")).Select(match => new ClusterProcess(match.Groups[1].Value, int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture)))];

    /// <summary>Where its database is, for who wants to look into it.</summary>
    public async Task<string> DatabaseAsync(int port) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = port,
        Database = "clinic",
        Username = "clinic",
        Password = (await File.ReadAllTextAsync(Path.Combine(Root, "artifacts", "cluster", "postgres-password"))).Trim(),
    }.ToString();

    public async Task<string> RunAsync(params string[] arguments)
    {
        var command = Path.Combine(Root, "deploy", "cluster");
        var start = Core is { } core
            ? new ProcessStartInfo("taskset", ["-c", core.ToString(CultureInfo.InvariantCulture), command, .. arguments])
            : new ProcessStartInfo(command, arguments);
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        foreach (var (name, value) in Environment)
        {
            if (value is null)
            {
                start.Environment.Remove(name);
            }
            else
            {
                start.Environment[name] = value;
            }
        }

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

    [GeneratedRegex(@"--pid (\w+)=(\d+)")]
    private static partial Regex PidOption();
}
