using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Clinic.Peers.Wire;

namespace Clinic.Peers.Servers;

/// <summary>Clinic as a cluster by <c>deploy/cluster</c>, whose data it wipes: silos, two Api hosts, and PostgreSQL as durable as it comes.</summary>
internal sealed partial class ClinicClusterPeer(PeerOptions options) : Peer(options)
{
    private bool _started;

    public override string Name => "Clinic clustered";

    public override string SetUp => $"Clinic, {Options.Silos} silo{(Options.Silos == 1 ? "" : "s")}, two hosts, PostgreSQL";

    public override async Task StartAsync(HttpClient http, CancellationToken cancellation)
    {
        await CommandAsync("stop", "--wipe");
        _started = true;
        var shown = await CommandAsync(
            "start", "--no-build", "--silos", Options.Silos.ToString(CultureInfo.InvariantCulture), "--hosts", "2", "--silo-port", "12111",
            "--gateway-port", "31000", "--silo-http-port", "5190", "--host-port", "5181", "--postgres-port", "15532");
        Hosts = [.. HostLine().Matches(shown).Select(match => new Uri(match.Groups[1].Value))];
        Processes = [.. PidOption().Matches(await CommandAsync("pids")).Select(match => new PeerProcess(
            match.Groups[1].Value.StartsWith("postgres", StringComparison.Ordinal) ? Role.PostgreSql : Role.Server,
            match.Groups[1].Value,
            int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture)))];
    }

    public override PeerLink NewLink(Uri host, string token, EventMeter meter) => ClinicPeer.Link(host, token, meter);

    public override Task CollectAsync(CancellationToken cancellation)
        => DotnetCollection.RunAsync(Processes.Where(process => process.Role == Role.Server).Select(process => process.Pid), cancellation);

    public override async ValueTask DisposeAsync()
    {
        if (_started)
        {
            await CommandAsync("stop", "--wipe");
        }
    }

    private async Task<string> CommandAsync(params string[] arguments)
    {
        var command = Path.Combine(Options.Root, "deploy", "cluster");
        var start = new ProcessStartInfo("taskset", ["-c", Options.ServerCore.ToString(CultureInfo.InvariantCulture), command, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Remove(PeerOptions.InlineCompletions);
        foreach (var (name, value) in ClinicPeer.Environment())
        {
            start.Environment[name] = value;
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
