using Clinic.Charts;
using Microsoft.Extensions.Hosting;

namespace Clinic.Hosts;

/// <summary>Knows, after a stop of everything, until when the cluster was alive: what had no end by then ended about then.</summary>
internal sealed class ClusterClock(IChartStore store, TimeProvider time) : IHostedService
{
    /// <summary>An older mark than this at a silo's start means that nobody was there to renew it.</summary>
    private static readonly TimeSpan MarkMatters = TimeSpan.FromSeconds(15);

    /// <summary>The last sign of life before the outage that ended with this silo's start; null when there was none.</summary>
    public DateTimeOffset? AliveBefore { get; private set; }

    /// <summary>Reads the mark; registered before Orleans, so before the first grain is activated.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var mark = await store.ReadAliveMarkAsync(cancellationToken);
        AliveBefore = mark < time.GetUtcNow() - MarkMatters ? mark : null;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Leaves the mark.</summary>
    public Task MarkAsync(CancellationToken cancellation) => store.WriteAliveMarkAsync(time.GetUtcNow(), cancellation);
}
