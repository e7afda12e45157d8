using System.Globalization;
using Clinic.Peers.Wire;

namespace Clinic.Peers.Servers;

/// <summary>Socket.IO 4 on Node.js, alone or as two processes with the Redis adapter; its code is in the folder <c>socketio</c>.</summary>
internal sealed class SocketIoPeer(PeerOptions options, bool redis) : ProcessPeer(options, redis)
{
    public override string Name => HasRedis ? "Socket.IO + Redis" : "Socket.IO";

    public override string SetUp => HasRedis ? "Socket.IO 4.8, Redis adapter, two processes" : "Socket.IO 4.8, one process";

    public override PeerLink NewLink(Uri host, string token, EventMeter meter) => new SocketIoLink(host, token, meter);

    public override async Task CollectAsync(CancellationToken cancellation)
    {
        foreach (var server in Servers)
        {
            // Twice: what the first one's finalizers let go of is taken by the second.
            await server.AskAsync("USR2");
            await server.AskAsync("USR2");
        }
    }

    protected override ServerProcess Launch(Uri host, int? redisPort)
    {
        var environment = new Dictionary<string, string>
        {
            ["NODE_ENV"] = "production",
            ["PORT"] = host.Port.ToString(CultureInfo.InvariantCulture),
            ["SIGNING_KEY"] = SigningKey,
            ["SERVICE_KEY"] = ServiceKey,
        };
        if (redisPort is { } port)
        {
            environment["REDIS_URL"] = $"redis://127.0.0.1:{port}";
        }

        return ServerProcess.Start(
            Options.ServerCore, Path.Combine(Options.Root, "bench", "Peers", "socketio"), environment, "node", "--expose-gc", "server.mjs");
    }
}
