using Clinic.Load.Clients;
using Clinic.Load.Events;
using Clinic.Load.Measures;
using HdrHistogram;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR.Client;

namespace Clinic.Load;

/// <summary>
/// Users of the first clinic who stay connected to the first host, and subscribe to the clinic's topic and leave it again, twice a second each. It notes how long after the call was sent
/// those who watch on other hosts are shown the change.
/// </summary>
internal sealed class PresenceWalk(LoadOptions options, LoadPlan plan, TokenSource tokens)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly long[] _changedAt = new long[options.Walkers];
    private readonly HistogramBase _seen = HistogramFactory.With64BitBucketSize()
        .WithValuesFrom(1).WithValuesUpTo(TimeSpan.FromMinutes(10).Ticks / 10).WithPrecisionOf(3).WithThreadSafeWrites().Create();

    /// <summary>From the call until the change was shown, once for each change and watcher on another host.</summary>
    public Percentiles Seen => Percentiles.Of(_seen);

    /// <summary>What a client keeps of the presence, so that its sight counts.</summary>
    public PresenceView ViewOf(int client) => new("tenant", options.Connections + options.Walkers, (user, before, after) =>
    {
        var walker = user - options.Connections;
        if (walker >= 0 && plan.HostOf(client) != 0 && before != after && Volatile.Read(ref _changedAt[walker]) is not 0 and var at)
        {
            _seen.RecordValue(Math.Max(1, MonotonicClock.Microseconds(MonotonicClock.Now - at)));
        }
    });

    public Task RunAsync(long until, CancellationToken cancellation) =>
        Task.WhenAll(Enumerable.Range(0, options.Walkers).Select(walker => WalkAsync(walker, until, cancellation)));

    private async Task WalkAsync(int walker, long until, CancellationToken cancellation)
    {
        var token = await tokens.TokenAsync(plan.TenantOf(0), LoadPlan.UserOf(options.Connections + walker), cancellation);
        await using var connection = new HubConnectionBuilder()
            .WithUrl(new Uri(options.Urls[0], "/hubs/clinic"), http =>
            {
                http.AccessTokenProvider = () => Task.FromResult<string?>(token);
                http.SkipNegotiation = true;
                http.Transports = HttpTransportType.WebSockets;
            })
            .Build();
        await connection.StartAsync(cancellation);
        // The pauses are the load: a change each half second, not all in the same instant.
        await Task.Delay(Pause * walker / options.Walkers, cancellation);
        while (MonotonicClock.Now < until)
        {
            Volatile.Write(ref _changedAt[walker], MonotonicClock.Now);
            await connection.InvokeAsync("Subscribe", "tenant", null, cancellation);
            await Task.Delay(Pause, cancellation);
            Volatile.Write(ref _changedAt[walker], MonotonicClock.Now);
            await connection.InvokeAsync("Unsubscribe", "tenant", cancellation);
            await Task.Delay(Pause, cancellation);
        }
    }
}
