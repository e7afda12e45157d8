namespace Clinic.Records;

/// <summary>Deletes the idempotency rows that are no longer remembered, a few at a time; every host may do it.</summary>
internal sealed partial class IdempotencySweep(IdempotencyStore store, TimeProvider time, ILogger<IdempotencySweep> logger) : BackgroundService
{
    private const int Rows = 1000;
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(10);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    while (await store.ExpireAsync(Rows, stoppingToken) == Rows)
                    {
                    }
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    SweepFailed(e);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The host stops.
        }
    }

    [LoggerMessage(21, LogLevel.Warning, "Expired idempotency keys could not be deleted; the next sweep tries again.")]
    private partial void SweepFailed(Exception error);
}
