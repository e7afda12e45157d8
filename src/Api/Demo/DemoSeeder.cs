namespace Clinic.Demo;

/// <summary>Writes the sample clinics once the Api listens, and each new day's appointments when it begins.</summary>
internal sealed partial class DemoSeeder(DemoSeed seed, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<DemoSeeder> logger)
    : BackgroundService
{
    private static readonly TimeSpan Again = TimeSpan.FromMinutes(1);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await StartedAsync(stoppingToken);
            while (true)
            {
                var wait = Again;
                try
                {
                    await seed.WriteAsync(stoppingToken);
                    var now = time.GetUtcNow();
                    wait = now.UtcDateTime.Date.AddDays(1) - now.UtcDateTime;
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    SeedFailed(e);
                }

                await Task.Delay(wait, time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private async Task StartedAsync(CancellationToken stopping)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stopping);
    }

    [LoggerMessage(1, LogLevel.Warning, "The sample clinics could not be written; the next try is in a minute.")]
    private partial void SeedFailed(Exception error);
}
