using System.Text;
using Clinic.Peers.Wire;

namespace Clinic.Peers.Servers;

/// <summary>ASP.NET Core SignalR, alone or as two processes with the Redis backplane; its code is in the folder <c>signalr</c>.</summary>
internal sealed class SignalRPeer(PeerOptions options, bool redis) : ProcessPeer(options, redis)
{
    private static readonly CompositeFormat Join = CompositeFormat.Parse("\"target\":\"Join\",\"arguments\":[{0}]");

    public override string Name => HasRedis ? "SignalR + Redis" : "SignalR";

    public override string SetUp => HasRedis ? "SignalR 10, Redis backplane, two processes" : "SignalR 10, one process";

    public override PeerLink NewLink(Uri host, string token, EventMeter meter) => new HubPeerLink(new Uri(host, "/hubs/peer"), token, Join, meter);

    public override Task CollectAsync(CancellationToken cancellation) => DotnetCollection.RunAsync(Servers.Select(server => server.Pid), cancellation);

    protected override ServerProcess Launch(Uri host, int? redisPort)
    {
        var environment = new Dictionary<string, string>
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Production",
            ["ASPNETCORE_URLS"] = host.ToString(),
            ["SIGNING_KEY"] = SigningKey,
            ["SERVICE_KEY"] = ServiceKey,
        };
        if (redisPort is { } port)
        {
            environment["REDIS_URL"] = $"127.0.0.1:{port}";
        }

        var assembly = Path.Combine(Options.Root, "artifacts", "peers", "signalr", "Clinic.SignalRPeer.dll");
        return ServerProcess.Start(Options.ServerCore, Path.GetDirectoryName(assembly)!, environment, "dotnet", assembly);
    }
}
