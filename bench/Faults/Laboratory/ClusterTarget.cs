using System.Diagnostics;
using System.Globalization;
using System.Net;
using Clinic.Faults.Schedules;
using Clinic.Load.Servers;

namespace Clinic.Faults.Laboratory;

/// <summary>The cluster of <c>deploy/cluster</c> with gates before it: each process finds PostgreSQL behind one of its own.</summary>
internal sealed class ClusterTarget : IFaultTarget, IAsyncDisposable
{
    private const int Silos = 3;
    private const int ApiHosts = 2;
    private const int RoomMegabytes = 1500;
    private const int RestartsTried = 10;

    /// <summary>As a supervisor waits before it starts again what has just ended.</summary>
    private static readonly TimeSpan BetweenRestarts = TimeSpan.FromSeconds(1);
    private const string Compiler = "/usr/bin/cc";

    private readonly LocalCluster _cluster;
    private readonly int _port;
    private readonly Dictionary<ProcessName, Gate> _databases = [];
    private readonly List<Gate> _hosts = [];
    private readonly DirectoryInfo _clocks = Directory.CreateTempSubdirectory("clinic-clocks-");
    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly bool _hasRoot = Environment.UserName == "root" && File.Exists("/usr/sbin/ip");

    private ClusterTarget(LocalCluster cluster, string[] options)
    {
        _cluster = cluster;
        var port = Array.IndexOf(options, "--postgres-port");
        _port = port >= 0 ? int.Parse(options[port + 1], CultureInfo.InvariantCulture) : 15432;
        Possible =
        [
            .. Enum.GetValues<FaultKind>().Where(kind => kind switch
            {
                FaultKind.NetworkCut or FaultKind.DiskFull => _hasRoot,
                FaultKind.ClockJump => File.Exists(Compiler),
                _ => true,
            }),
        ];
    }

    public IReadOnlyCollection<FaultKind> Possible { get; }

    public IReadOnlyList<Gate> Hosts => _hosts;

    public string Database { get; private set; } = "";

    public string ServiceKey { get; } = Environment.GetEnvironmentVariable("Auth__ServiceKeys__0") ?? "development-service-key";

    private static IEnumerable<ProcessName> All =>
        [.. Enumerable.Range(1, Silos).Select(ProcessName.Silo), .. Enumerable.Range(1, ApiHosts).Select(ProcessName.Host)];

    /// <summary>Wipes what was there, and starts everything.</summary>
    public static async Task<ClusterTarget> StartAsync(LocalCluster cluster, string[] options)
    {
        var target = new ClusterTarget(cluster, options);
        await target.MakeClockAsync();
        await cluster.RunAsync("stop", "--wipe");
        foreach (var process in All.Append(ProcessName.Silo(Silos + 1)))
        {
            var gate = new Gate(IPAddress.Any, new IPEndPoint(IPAddress.Loopback, target._port));
            target._databases[process] = gate;
            await cluster.RunAsync(["set", process.Kind, Text(process.Number), $"postgres_port={Text(gate.EndPoint.Port)}", .. await target.ClockAsync(process)]);
        }

        string[] more = target._hasRoot ? ["--networks", "--postgres-room", Text(RoomMegabytes)] : [];
        await cluster.StartAsync([.. more, .. options]);
        foreach (var host in cluster.Hosts)
        {
            target._hosts.Add(new Gate(IPAddress.Loopback, new IPEndPoint(IPAddress.Parse(host.Host), host.Port)));
        }

        target.Database = await cluster.DatabaseAsync(target._port);
        return target;
    }

    public Gate DatabaseOf(ProcessName process) => _databases[process];

    public Task KillAsync(ProcessName process) => CommandAsync("kill", process);

    public Task HangAsync(ProcessName process) => CommandAsync("hang", process);

    public Task ContinueAsync(ProcessName process) => CommandAsync("continue", process);

    /// <summary>Starts it again and again, as a supervisor does: one whose database is broken just then ends at once, and says why.</summary>
    public async Task RestartAsync(ProcessName process)
    {
        for (var tried = 1; ; tried++)
        {
            try
            {
                await CommandAsync("restart", process);
                return;
            }
            catch (InvalidOperationException) when (tried < RestartsTried)
            {
                await Task.Delay(BetweenRestarts);
            }
        }
    }

    public async Task<IReadOnlyList<ProcessName>> ReviveAsync()
    {
        var status = await _cluster.RunAsync("status");
        var gone = new List<ProcessName>();
        foreach (var process in All)
        {
            var line = status.Split('\n').First(line => line.StartsWith($"{process} ", StringComparison.Ordinal)).TrimEnd();
            if (line.EndsWith(" stopped", StringComparison.Ordinal))
            {
                gone.Add(process);
            }

            if (!line.EndsWith("  ready", StringComparison.Ordinal) && !await IsReadySoonAsync(process))
            {
                await RestartAsync(process);
            }
        }

        return gone;
    }

    public Task StopPostgresAsync() => OneAsync("postgres", "stop");

    public Task StartPostgresAsync() => OneAsync("postgres", "start");

    public async Task FillDiskAsync(bool full)
    {
        await OneAsync("postgres", full ? "fill" : "free");
        if (!full)
        {
            // Without room for its log it may have ended.
            await StartPostgresAsync();
        }
    }

    public Task CutAsync(ProcessName one, ProcessName other, bool cut) =>
        _cluster.RunAsync(cut ? "cut" : "mend", one.Kind, Text(one.Number), other.Kind, Text(other.Number));

    public async Task SetClockAsync(ProcessName process, TimeSpan off)
    {
        // In place: the process has it mapped.
        await using var file = new FileStream(ClockOf(process), FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
        await file.WriteAsync(BitConverter.GetBytes((long)off.TotalSeconds));
    }

    public Task AddSiloAsync(bool added) => OneAsync(added ? "add" : "remove", "silo");

    public async ValueTask DisposeAsync()
    {
        foreach (var gate in _hosts.Concat(_databases.Values))
        {
            await gate.DisposeAsync();
        }

        _clocks.Delete(recursive: true);
    }

    private async Task<bool> IsReadySoonAsync(ProcessName process)
    {
        for (var tried = 0; tried < 20; tried++)
        {
            if (await _cluster.IsReadyAsync(process.Kind, process.Number))
            {
                return true;
            }

            await Task.Delay(500);
        }

        return false;
    }

    private string Library => Path.Combine(_clocks.FullName, "clock.so");

    private string ClockOf(ProcessName process) => Path.Combine(_clocks.FullName, $"{process.Kind}{Text(process.Number)}");

    /// <summary>
    /// A library of our own stands before the system's clock. Debian's libfaketime stands before much more, and database connections of a
    /// process under it fail at once.
    /// </summary>
    private async Task MakeClockAsync()
    {
        if (Possible.Contains(FaultKind.ClockJump))
        {
            var source = Path.Combine(AppContext.BaseDirectory, "Laboratory", "clock.c");
            using var compiler = Process.Start(Compiler, ["-shared", "-fPIC", "-O2", "-o", Library, source, "-ldl"]);
            await compiler.WaitForExitAsync();
            if (compiler.ExitCode != 0)
            {
                throw new InvalidOperationException($"{source} could not be compiled");
            }
        }
    }

    private async Task<string[]> ClockAsync(ProcessName process)
    {
        if (!Possible.Contains(FaultKind.ClockJump))
        {
            return [];
        }

        await SetClockAsync(process, TimeSpan.Zero);
        return [$"LD_PRELOAD={Library}", $"CLINIC_CLOCK={ClockOf(process)}"];
    }

    private Task<string> CommandAsync(string command, ProcessName process) => _cluster.RunAsync(command, process.Kind, Text(process.Number));

    /// <summary>Two commands that start or stop the same thing must not meet.</summary>
    private async Task OneAsync(params string[] arguments)
    {
        await _one.WaitAsync();
        try
        {
            await _cluster.RunAsync(arguments);
        }
        finally
        {
            _one.Release();
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
