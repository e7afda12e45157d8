using System.Globalization;
using Clinic.Load.Servers;
using Clinic.Peers.Wire;

namespace Clinic.Peers.Servers;

/// <summary>Clinic as a cluster by <c>deploy/cluster</c>, whose data it wipes: silos, two Api hosts, and PostgreSQL as durable as it comes.</summary>
internal sealed class ClinicClusterPeer : Peer
{
    private readonly LocalCluster _cluster;
    private bool _started;

    public ClinicClusterPeer(PeerOptions options)
        : base(options)
    {
        // What tunes the generator is not for the servers.
        var environment = ClinicPeer.Environment().ToDictionary(pair => pair.Key, pair => (string?)pair.Value);
        environment[PeerOptions.InlineCompletions] = null;
        _cluster = new LocalCluster(options.Root) { Core = options.ServerCore, Environment = environment };
    }

    public override string Name => "Clinic clustered";

    public override string SetUp => $"Clinic, {Options.Silos} silo{(Options.Silos == 1 ? "" : "s")}, two hosts, PostgreSQL";

    public override async Task StartAsync(HttpClient http, CancellationToken cancellation)
    {
        _started = true;
        await _cluster.StartFreshAsync(
        [
            "--no-build", "--silos", Options.Silos.ToString(CultureInfo.InvariantCulture), "--hosts", "2", "--silo-port", "12111",
            "--gateway-port", "31000", "--silo-http-port", "5190", "--host-port", "5181", "--postgres-port", "15532",
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
}
