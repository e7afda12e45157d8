using System.Net;
using System.Net.Sockets;
using Clinic.Peers.Wire;

namespace Clinic.Peers.Servers;

/// <summary>What a process of a peer is for: only the servers' CPU and memory count as the peer's own.</summary>
internal enum Role
{
    Server,
    Redis,
    PostgreSql,
}

/// <summary>One process whose CPU and memory are read.</summary>
internal sealed record PeerProcess(Role Role, string Name, int Pid);

/// <summary>A system under test in its production set-up: how it is started, connected to and asked for a garbage collection.</summary>
internal abstract class Peer(PeerOptions options) : IAsyncDisposable
{
    /// <summary>The one key that all peers verify their users' tokens with.</summary>
    public const string SigningKey = "peers-signing-key-for-loopback-only-0123456789";

    /// <summary>What a backend presents to publish.</summary>
    public const string ServiceKey = "peers-service-key";

    public abstract string Name { get; }

    /// <summary>What runs, in a few words, for the report.</summary>
    public abstract string SetUp { get; }

    public IReadOnlyList<Uri> Hosts { get; protected set; } = [];

    public IReadOnlyList<PeerProcess> Processes { get; protected set; } = [];

    /// <summary>Whom to tell of a thread: a process that keeps what it knows for itself, or any one where all share a store.</summary>
    public virtual IEnumerable<Uri> ProcessesThatKeepThreads => Hosts.Take(1);

    protected PeerOptions Options => options;

    public abstract Task StartAsync(HttpClient http, CancellationToken cancellation);

    public abstract PeerLink NewLink(Uri host, string token, EventMeter meter);

    /// <summary>Collects the garbage of every server process, completely.</summary>
    public abstract Task CollectAsync(CancellationToken cancellation);

    public abstract ValueTask DisposeAsync();

    protected static Uri FreeAddress()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
    }
}
