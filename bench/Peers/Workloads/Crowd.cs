using System.Collections.Concurrent;
using System.Net.Sockets;
using Clinic.Load.Clients;
using Clinic.Load.Events;
using Clinic.Peers.Servers;
using Clinic.Peers.Wire;
using HdrHistogram;

namespace Clinic.Peers.Workloads;

/// <summary>Users who are signed in to a peer: connected, each to a topic or several. Who is cut off comes back, as clients do, and is counted.</summary>
internal sealed class Crowd : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan AttemptLimit = TimeSpan.FromSeconds(15);

    // As often as SignalR's own clients do.
    private static readonly TimeSpan KeepAlivePeriod = TimeSpan.FromSeconds(15);

    private readonly CancellationTokenSource _gone = new();
    private readonly Func<int, PeerLink> _newLink;
    private readonly ConcurrentQueue<Func<int, string>> _topics;
    private readonly SemaphoreSlim _entrance;
    private readonly PeerLink[] _links;
    private readonly bool[] _joined;
    private int _reconnects;

    private Crowd(int count, Func<int, PeerLink> newLink, Func<int, string> topic, int mostAtOnce)
    {
        (_newLink, _topics, _entrance) = (newLink, new([topic]), new SemaphoreSlim(mostAtOnce));
        _links = [.. Enumerable.Range(0, count).Select(newLink)];
        _joined = new bool[count];
    }

    /// <summary>The users' present connections, by their numbers.</summary>
    public IReadOnlyList<PeerLink> Links => _links;

    /// <summary>From the time that a user's connection was due until they had joined, in microseconds.</summary>
    public HistogramBase JoinTime { get; } = HistogramFactory.With64BitBucketSize()
        .WithValuesFrom(1).WithValuesUpTo(TimeSpan.FromMinutes(10).Ticks / 10).WithPrecisionOf(3).WithThreadSafeWrites().Create();

    /// <summary>From the time that the first connection was due until all had joined.</summary>
    public TimeSpan AllJoinedAfter { get; private set; }

    /// <summary>How often a connection was lost or could not be made, and was tried again.</summary>
    public int Reconnects => Volatile.Read(ref _reconnects);

    /// <summary>What ended the first of those.</summary>
    public string? FirstFailure { get; private set; }

    /// <summary>Connects so many users per second, spread over the hosts, and returns when each has joined the topic of their number.</summary>
    public static Task<Crowd> SignInAsync(
        Peer peer, Func<int, string> tenant, int count, double perSecond, Func<int, string> topic, EventMeter meter, HttpClient http, CancellationToken cancellation)
        => SignInAsync(
            peer,
            [.. Enumerable.Range(0, count).Select(number => new CrowdUser(tenant(number), UserOf(number), peer.Hosts[number % peer.Hosts.Count], topic(number)))],
            perSecond, int.MaxValue, meter, http, cancellation);

    /// <summary>Connects so many users per second, but never more at once, and returns when each has joined their topic.</summary>
    public static async Task<Crowd> SignInAsync(
        Peer peer, IReadOnlyList<CrowdUser> users, double perSecond, int mostAtOnce, EventMeter meter, HttpClient http, CancellationToken cancellation)
    {
        var count = users.Count;
        var source = new TokenSource(http, peer.Hosts[0], Peer.SigningKey, TimeProvider.System);
        var tokens = new string[count];
        for (var number = 0; number < count; number++)
        {
            tokens[number] = await source.TokenAsync(users[number].Tenant, users[number].Name, cancellation);
        }

        var crowd = new Crowd(count, number => peer.NewLink(users[number].Host, tokens[number], meter), number => users[number].Topic, mostAtOnce);
        try
        {
            await crowd.ConnectAsync(perSecond, cancellation);
            return crowd;
        }
        catch (Exception exception)
        {
            await crowd.DisposeAsync();
            throw exception is TimeoutException
                ? new InvalidOperationException(
                    $"{crowd._joined.Count(joined => !joined)} of {count} had not joined after {Patience.TotalSeconds:0} s and {crowd.Reconnects} reconnects; {crowd.FirstFailure}")
                : exception;
        }
    }

    public static string UserOf(int number) => $"user-{number}";

    /// <summary>Joins each to one topic more, so many at once.</summary>
    public async Task JoinAlsoAsync(Func<int, string> topic, int mostAtOnce, CancellationToken cancellation)
    {
        _topics.Enqueue(topic);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = mostAtOnce, CancellationToken = cancellation };
        await Parallel.ForEachAsync(Enumerable.Range(0, _links.Length), parallel, async (number, token) =>
        {
            var link = _links[number];
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(token);
            limit.CancelAfter(AttemptLimit);
            try
            {
                await link.JoinAsync(topic(number), limit.Token);
            }
            catch (Exception exception) when (link.Closed.IsCompleted && exception is IOException or SocketException or OperationCanceledException)
            {
                // Who comes back joins all topics.
                FirstFailure ??= exception.Message;
            }
        });
    }

    /// <summary>Waits until all are there and nobody was cut off for a while.</summary>
    public async Task SettleAsync(TimeSpan quiet, CancellationToken cancellation)
    {
        var giveUp = MonotonicClock.Now + MonotonicClock.Ticks(Patience);
        for (var before = -1; before != Reconnects || !_joined.All(joined => joined);)
        {
            if (MonotonicClock.Now > giveUp)
            {
                throw new InvalidOperationException($"connections were still cut off {Patience.TotalSeconds:0} s after all had joined; {Reconnects} reconnects, {FirstFailure}");
            }

            before = Reconnects;
            await Task.Delay(quiet, cancellation);
        }
    }

    /// <summary>All are gone at once and without a goodbye, for servers that are not needed any more.</summary>
    public void Abandon()
    {
        _gone.Cancel();
        foreach (var link in _links)
        {
            link.Cut();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _gone.CancelAsync();
        await Parallel.ForEachAsync(_links, new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (link, _) => await link.DisposeAsync());
    }

    private async Task ConnectAsync(double perSecond, CancellationToken cancellation)
    {
        var joining = _links.Select(_ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).ToArray();
        var start = MonotonicClock.Now;
        await Schedule.RunAsync(
            start, perSecond, _links.Length, (due, number) => _ = Task.Run(() => StayAsync(number, due, joining[number])), cancellation);
        cancellation.ThrowIfCancellationRequested();
        await Task.WhenAll(joining.Select(joined => joined.Task)).WaitAsync(Patience, cancellation);
        AllJoinedAfter = TimeSpan.FromSeconds(MonotonicClock.Seconds(MonotonicClock.Now - start));
        _ = KeepAliveAsync();
    }

    private async Task StayAsync(int number, long due, TaskCompletionSource first)
    {
        while (!_gone.IsCancellationRequested)
        {
            var link = _links[number];
            try
            {
                await EnterAsync(number, link);
                _joined[number] = true;
                if (first.TrySetResult())
                {
                    JoinTime.RecordValue(Math.Max(1, MonotonicClock.Microseconds(MonotonicClock.Now - due)));
                }

                await link.Closed.WaitAsync(_gone.Token);
                FirstFailure ??= link.Failure;
            }
            catch (Exception exception) when (exception is IOException or SocketException or InvalidOperationException or OperationCanceledException)
            {
                FirstFailure ??= exception.Message;
            }

            if (!_gone.IsCancellationRequested)
            {
                _joined[number] = false;
                Interlocked.Increment(ref _reconnects);
                await link.DisposeAsync();
                await Task.Delay(Random.Shared.Next(100, 1000), _gone.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                _links[number] = _newLink(number);
            }
        }
    }

    private async Task EnterAsync(int number, PeerLink link)
    {
        await _entrance.WaitAsync(_gone.Token);
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(_gone.Token);
            limit.CancelAfter(AttemptLimit);
            await link.OpenAsync(limit.Token);
            foreach (var topic in _topics)
            {
                await link.JoinAsync(topic(number), limit.Token);
            }
        }
        finally
        {
            _entrance.Release();
        }
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
                    if (_joined[number])
                    {
                        _links[number].KeepAlive();
                    }
                }
            }
        }
        catch (OperationCanceledException)
        {
            // They have left.
        }
    }
}
