using System.Globalization;

namespace Clinic.Peers.Servers;

/// <summary>A peer that is one process, or two with a Redis between them.</summary>
internal abstract class ProcessPeer(PeerOptions options, bool redis) : Peer(options)
{
    private readonly List<ServerProcess> _started = [];

    public override IEnumerable<Uri> ProcessesThatKeepThreads => Hosts;

    protected bool HasRedis => redis;

    protected IEnumerable<ServerProcess> Servers => _started.Skip(redis ? 1 : 0);

    public override async Task StartAsync(HttpClient http, CancellationToken cancellation)
    {
        var hosts = Enumerable.Range(0, redis ? 2 : 1).Select(_ => FreeAddress()).ToList();
        var processes = new List<PeerProcess>();
        int? redisPort = null;
        if (redis)
        {
            redisPort = FreeAddress().Port;
            var port = redisPort.Value.ToString(CultureInfo.InvariantCulture);
            // Nothing of it is stored: it carries messages only.
            _started.Add(ServerProcess.Start(
                Options.ServerCore, "/", new Dictionary<string, string>(), "redis-server", "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"));
            processes.Add(new PeerProcess(Role.Redis, "redis", _started[0].Pid));
        }

        foreach (var host in hosts)
        {
            var server = Launch(host, redisPort);
            _started.Add(server);
            processes.Add(new PeerProcess(Role.Server, $"server {processes.Count(process => process.Role == Role.Server) + 1}", server.Pid));
            await server.ReadyAsync(http, host, cancellation);
        }

        Hosts = hosts;
        Processes = processes;
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (var process in _started.AsEnumerable().Reverse())
        {
            await process.DisposeAsync();
        }
    }

    protected abstract ServerProcess Launch(Uri host, int? redisPort);
}
