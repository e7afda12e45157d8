using Clinic.Hosts;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Clinic.Escalation;

/// <summary>
/// Looks twice a second for steps that are due. The leading silo takes them at once, the others those that are a second late: whatever became
/// of the leader, and however long its end takes to be noticed, a step is less than two seconds late.
/// </summary>
internal sealed partial class EscalationSweep(
    Escalator escalator, EscalationStore store, SiloDirectory silos, EscalationMetrics metrics, TimeProvider time, ILogger<EscalationSweep> logger)
    : BackgroundService
{
    private const int RoundsPerCount = 4;
    private static readonly TimeSpan Round = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LeaderIsLate = TimeSpan.FromSeconds(1);
    private long _round;
    private bool _failing;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Round, time);
        try
        {
            do
            {
                await RunRoundAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    private async Task RunRoundAsync(CancellationToken stopping)
    {
        try
        {
            var leads = silos.Leads;
            await escalator.RunRoundAsync(leads ? TimeSpan.Zero : LeaderIsLate, stopping);
            if (_round++ % RoundsPerCount == 0)
            {
                metrics.Open(leads ? await store.CountOpenAsync(stopping) : null);
            }

            if (_failing)
            {
                _failing = false;
                Recovered();
            }
        }
        catch (Exception e) when (e is not OperationCanceledException || !stopping.IsCancellationRequested)
        {
            // The next round tries again; one line when it starts to fail is enough.
            metrics.Failed();
            if (!_failing)
            {
                Failed(e);
            }

            _failing = true;
        }
    }

    [LoggerMessage(5, LogLevel.Error, "Escalation fails; it is tried again twice a second.")]
    private partial void Failed(Exception error);

    [LoggerMessage(6, LogLevel.Information, "Escalation works again.")]
    private partial void Recovered();
}
