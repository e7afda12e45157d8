using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Clinic.Streams;

/// <summary>
/// Carries what the topics of this silo emit to the hosts' streams: in order, in numbered batches, kept until the host has them. Topics never wait
/// for it.
/// </summary>
internal sealed partial class HostOutbox(
    IHostBatchSender sender, ILocalSiloDetails silo, IOptions<OutboxOptions> options, TimeProvider time, StreamMetrics metrics, ILogger<HostOutbox> logger)
    : BackgroundService
{
    private readonly ConcurrentDictionary<string, LanePump> _lanes = new();
    private readonly CancellationTokenSource _stop = new();
    private int _disposed;

    /// <summary>The silo's address in the form that keys its <see cref="Hosts.ISiloGrain"/>.</summary>
    public string Silo { get; } = silo.SiloAddress.ToParsableString();

    /// <summary>Hands an item to a host's lane; returns at once.</summary>
    public void Emit(string host, RelayItem item) => LaneOf(host).Add(item);

    /// <summary>The outbox that a host hears from, which changes when something owed to it was given up.</summary>
    public string IdFor(string host) => LaneOf(host).Id;

    public void Confirm(string host, string outbox, long sequence)
    {
        if (_lanes.TryGetValue(host, out var lane))
        {
            lane.Confirm(outbox, sequence);
        }
    }

    public void Resend(string host, string outbox, long afterSequence)
    {
        if (_lanes.TryGetValue(host, out var lane))
        {
            metrics.ResendAsked();
            lane.Resend(outbox, afterSequence);
        }
    }

    /// <summary>The host is gone; what was owed to it is dropped.</summary>
    public void Forget(string host)
    {
        if (_lanes.TryRemove(host, out var lane))
        {
            lane.Stop();
        }
    }

    /// <summary>Tells a host, that was just heard of, that this silo is there.</summary>
    public void Greet(string host) => LaneOf(host);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.Beat, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                foreach (var lane in _lanes.Values)
                {
                    lane.Beat();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping; lanes drain below.
        }
    }

    public override void Dispose()
    {
        // The container disposes it twice: as itself and as a hosted service.
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _stop.Cancel();
            _stop.Dispose();
        }

        base.Dispose();
    }

    private LanePump LaneOf(string host) =>
        _lanes.GetOrAdd(host, h => new LanePump(h, Silo, sender, options.Value, time, metrics, logger, _stop.Token));
}
