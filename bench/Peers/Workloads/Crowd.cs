using Clinic.Load.Clients;
using Clinic.Load.Events;
using Clinic.Peers.Servers;
using Clinic.Peers.Wire;
using HdrHistogram;

namespace Clinic.Peers.Workloads;

/// <summary>Users who are signed in to a peer: connected, each to a topic, spread over the hosts.</summary>
internal sealed class Crowd : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    // As often as SignalR's own clients do.
    private static readonly TimeSpan KeepAlivePeriod = TimeSpan.FromSeconds(15);

    private readonly CancellationTokenSource _gone = new();
    private readonly PeerLink[] _links;

    private Crowd(PeerLink[] links) => _links = links;

    public IReadOnlyList<PeerLink> Links => _links;

    /// <summary>From the time that a user's connection was due until they had joined, in microseconds.</summary>
    public HistogramBase JoinTime { get; } = HistogramFactory.With64BitBucketSize()
        .WithValuesFrom(1).WithValuesUpTo(TimeSpan.FromMinutes(10).Ticks / 10).WithPrecisionOf(3).WithThreadSafeWrites().Create();

    /// <summary>Connections that have ended.</summary>
    public int Lost => _links.Count(link => link.Closed.IsCompleted);

    public string? FirstFailure => _links.Select(link => link.Failure).FirstOrDefault(failure => failure is not null);

    /// <summary>Connects so many users per second and returns when all have joined the topic of their number.</summary>
    public static async Task<Crowd> SignInAsync(
        Peer peer, string tenant, int count, double perSecond, Func<int, string> topic, EventMeter meter, HttpClient http, CancellationToken cancellation)
    {
        var tokens = new TokenSource(http, peer.Hosts[0], Peer.SigningKey, TimeProvider.System);
        var links = new PeerLink[count];
        for (var number = 0; number < count; number++)
        {
            var token = await tokens.TokenAsync(tenant, UserOf(number), cancellation);
            links[number] = peer.NewLink(peer.Hosts[number % peer.Hosts.Count], token, meter);
        }

        var crowd = new Crowd(links);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        try
        {
            var joining = new Task[count];
            var start = MonotonicClock.Now;
            await Schedule.RunAsync(
                start,
                perSecond,
                count,
                (due, number) => joining[number] = Task.Run(() => crowd.JoinAsync(number, due, topic(number), patience.Token)),
                cancellation);
            cancellation.ThrowIfCancellationRequested();
            await Task.WhenAll(joining);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            await crowd.DisposeAsync();
            throw new InvalidOperationException($"{peer.Name}: not all of {count} had joined after {Patience.TotalSeconds:0} s; {crowd.FirstFailure}");
        }

        _ = crowd.KeepAliveAsync();
        return crowd;
    }

    public static string UserOf(int number) => $"user-{number}";

    public async ValueTask DisposeAsync()
    {
        await _gone.CancelAsync();
        await Parallel.ForEachAsync(_links, new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (link, _) => await link.DisposeAsync());
    }

    private async Task JoinAsync(int number, long due, string topic, CancellationToken cancellation)
    {
        await _links[number].OpenAsync(cancellation);
        await _links[number].JoinAsync(topic, cancellation);
        JoinTime.RecordValue(Math.Max(1, MonotonicClock.Microseconds(MonotonicClock.Now - due)));
    }

    private async Task KeepAliveAsync()
    {
        const int Shares = 100;
        using var timer = new PeriodicTimer(KeepAlivePeriod / Shares);
        try
        {
            for (var share = 0; await timer.WaitForNextTickAsync(_gone.Token); share = (share + 1) % Shares)
            {
                for (var number = share; number < _links.Length; number += Shares)
                {
                    _links[number].KeepAlive();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // They have left.
        }
    }
}
