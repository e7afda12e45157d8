using System.Globalization;
using System.Text;
using Clinic.Peers.Wire;

namespace Clinic.Peers.Servers;

/// <summary>Clinic embedded: one process with a silo inside and SQLite in a folder of its own.</summary>
internal sealed class ClinicPeer(PeerOptions options) : Peer(options)
{
    private static readonly CompositeFormat Join = CompositeFormat.Parse("\"target\":\"Subscribe\",\"arguments\":[{0},null]");

    private string? _folder;
    private ServerProcess? _server;

    public override string Name => "Clinic embedded";

    public override string SetUp => "Clinic, one process, SQLite";

    public static PeerLink Link(Uri host, string token, EventMeter meter) => new HubPeerLink(new Uri(host, "/hubs/clinic"), token, Join, meter);

    /// <summary>The settings that both ways to run Clinic share.</summary>
    public static Dictionary<string, string> Environment() => new()
    {
        ["ASPNETCORE_ENVIRONMENT"] = "Production",
        ["Auth__SigningKey"] = SigningKey,
        ["Auth__ServiceKeys__0"] = ServiceKey,
    };

    public override async Task StartAsync(HttpClient http, CancellationToken cancellation)
    {
        var host = FreeAddress();
        _folder = Directory.CreateTempSubdirectory("clinic-peers-").FullName;
        var assembly = Path.Combine(Options.Root, "artifacts", "cluster", "bin", "host", "Clinic.Api.dll");
        var environment = Environment();
        environment["ASPNETCORE_URLS"] = host.ToString();
        environment["Cluster__Mode"] = "Embedded";
        environment["Storage__Provider"] = "Sqlite";
        environment["ConnectionStrings__Clinic"] = $"Data Source={Path.Combine(_folder, "clinic.db")}";
        environment["Silo__Port"] = FreeAddress().Port.ToString(CultureInfo.InvariantCulture);
        environment["Silo__GatewayPort"] = FreeAddress().Port.ToString(CultureInfo.InvariantCulture);
        _server = ServerProcess.Start(Options.ServerCore, Path.GetDirectoryName(assembly)!, environment, "dotnet", assembly);
        Hosts = [host];
        Processes = [new PeerProcess(Role.Server, "server", _server.Pid)];
        await _server.ReadyAsync(http, host, cancellation);
    }

    public override PeerLink NewLink(Uri host, string token, EventMeter meter) => Link(host, token, meter);

    public override Task CollectAsync(CancellationToken cancellation) => DotnetCollection.RunAsync([_server!.Pid], cancellation);

    public override async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        if (_folder is not null)
        {
            Directory.Delete(_folder, recursive: true);
        }
    }
}
