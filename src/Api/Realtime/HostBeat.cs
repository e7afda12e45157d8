using System.Collections.Concurrent;
using Clinic.Hosts;
using Microsoft.Extensions.Options;

namespace Clinic.Realtime;

/// <summary>Tells every silo once a second that this host is alive. One that does not answer is not waited for.</summary>
internal sealed partial class HostBeat(
    HostIdentity host, IGrainFactory grains, HostSilos silos, TopicRelay relay, IOptions<HostLivenessOptions> options, TimeProvider time, ILogger<HostBeat> logger)
    : BackgroundService
{
    /// <summary>Longer than a beat and the call that carries it.</summary>
    private static readonly TimeSpan HeardFor = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, bool> _underWay = new();
    private readonly ConcurrentDictionary<string, bool> _known = new();
    private Task _refresh = Task.CompletedTask;

    private long _heardAt;

    /// <summary>Whether a silo answered a beat in the last seconds.</summary>
    public bool IsHeard => Interlocked.Read(ref _heardAt) is not 0 and var at && time.GetElapsedTime(at) < HeardFor;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.Beat, time);
        try
        {
            do
            {
                if (_refresh.IsCompleted)
                {
                    _refresh = RefreshAsync();
                }

                foreach (var silo in silos.All)
                {
                    if (_underWay.TryAdd(silo, true))
                    {
                        _ = BeatAsync(silo);
                    }
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping; HostDrain takes leave.
        }
    }

    private async Task RefreshAsync()
    {
        try
        {
            await silos.RefreshAsync();
        }
        catch (Exception e)
        {
            // The silos known so far go on being told.
            NotRefreshed(logger, e.GetType().Name);
        }
    }

    private async Task BeatAsync(string silo)
    {
        try
        {
            var known = await grains.GetGrain<ISiloGrain>(silo).BeatAsync(host.Id);
            Interlocked.Exchange(ref _heardAt, time.GetTimestamp());
            if (!known && !_known.TryAdd(silo, true))
            {
                relay.AttachAgain(silo, "forgotten");
            }
            else
            {
                _known[silo] = true;
            }
        }
        catch (Exception e)
        {
            NotHeard(logger, silo, e.GetType().Name);
        }
        finally
        {
            _underWay.TryRemove(silo, out _);
        }
    }

    [LoggerMessage(1, LogLevel.Debug, "The cluster did not name its silos: {Reason}.")]
    private static partial void NotRefreshed(ILogger logger, string reason);

    [LoggerMessage(2, LogLevel.Debug, "Silo {Silo} did not take the beat: {Reason}.")]
    private static partial void NotHeard(ILogger logger, string silo, string reason);
}
