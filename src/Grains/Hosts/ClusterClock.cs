using Clinic.Charts;
using Microsoft.Extensions.Hosting;

namespace Clinic.Hosts;

/// <summary>Knows, after a stop of everything, until when the cluster was alive: what had no end by then ended about then.</summary>
internal sealed class ClusterClock(IChartStore store, TimeProvider time) : IHostedService
{
    /// <summary>An older mark than this at a silo's start means that nobody was there to renew it.</summary>
    private static readonly TimeSpan MarkMatters = TimeSpan.FromSeconds(15);

    private DateTimeOffset? _aliveBefore;
    private DateTimeOffset _startedAt;

    /// <summary>
    /// Until when something that began at a time, and whose end nobody saw, may have gone on: until the last sign of life if an outage that ended with this silo's start came in
    /// between, else until now.
    /// </summary>
    public DateTimeOffset EndOf(DateTimeOffset began)
    {
        if (_aliveBefore is not { } alive || began >= _startedAt)
        {
            return time.GetUtcNow();
        }

        return began < alive ? alive : began;
    }

    /// <summary>Reads the mark; registered before Orleans, so before the first grain is activated.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _startedAt = time.GetUtcNow();
        var mark = await store.ReadAliveMarkAsync(cancellationToken);
        _aliveBefore = mark < _startedAt - MarkMatters ? mark : null;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Leaves the mark.</summary>
    public Task MarkAsync(CancellationToken cancellation) => store.WriteAliveMarkAsync(time.GetUtcNow(), cancellation);
}
