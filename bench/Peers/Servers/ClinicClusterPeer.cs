using System.Globalization;
using Clinic.Load.Servers;
using Clinic.Peers.Wire;

namespace Clinic.Peers.Servers;

/// <summary>Clinic as a cluster by <c>deploy/cluster</c>, whose data it wipes: silos, Api hosts, and PostgreSQL as durable as it comes.</summary>
internal sealed class ClinicClusterPeer : Peer
{
    private const int FirstSiloPort = 5190;

    private readonly LocalCluster _cluster;
    private bool _started;

    public ClinicClusterPeer(PeerOptions options)
        : base(options)
    {
        // What tunes the generator is not for the servers.
        var environment = ClinicPeer.Environment().ToDictionary(pair => pair.Key, pair => (string?)pair.Value);
        environment[PeerOptions.InlineCompletions] = null;
        _cluster = new LocalCluster(options.Root) { Core = options.ServerCore, Environment = environment, LeastHosts = options.Hosts };
    }

    public override string Name => "Clinic clustered";

    public override string SetUp => $"Clinic, {Count(Options.Silos, "silo")}, {Count(Options.Hosts, "host")}, PostgreSQL";

    /// <summary>Where the silos show their health and metrics.</summary>
    public IEnumerable<Uri> Silos => Enumerable.Range(FirstSiloPort, Options.Silos).Select(port => new Uri($"http://127.0.0.1:{port}"));

    public override async Task StartAsync(HttpClient http, CancellationToken cancellation)
    {
        _started = true;
        await _cluster.StartFreshAsync(
        [
            "--no-build", "--silos", Options.Silos.ToString(CultureInfo.InvariantCulture), "--hosts", Options.Hosts.ToString(CultureInfo.InvariantCulture), "--silo-port", "12111",
            "--gateway-port", "31000", "--silo-http-port", FirstSiloPort.ToString(CultureInfo.InvariantCulture), "--host-port", "5181", "--postgres-port", "15532",
        ]);
        Hosts = _cluster.Hosts;
        Processes = [.. (await _cluster.ProcessesAsync()).Select(process => new PeerProcess(process.IsDatabase ? Role.PostgreSql : Role.Server, process.Name, process.Pid))];
    }

    public override PeerLink NewLink(Uri host, string token, EventMeter meter) => ClinicPeer.Link(host, token, meter);

    public override Task CollectAsync(CancellationToken cancellation)
        => DotnetCollection.RunAsync(Processes.Where(process => process.Role == Role.Server).Select(process => process.Pid), cancellation);

    public override async ValueTask DisposeAsync()
    {
        if (_started)
        {
            await _cluster.RunAsync("stop", "--wipe");
        }
    }

    private static string Count(int number, string what) => $"{number} {what}{(number == 1 ? "" : "s")}";
}
