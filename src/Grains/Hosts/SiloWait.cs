using Microsoft.Extensions.Logging;

namespace Clinic.Hosts;

/// <summary>Lets an Api host that starts before the silos wait for them, and say so.</summary>
internal sealed partial class SiloWait(TimeProvider time, ILogger<SiloWait> logger) : IClientConnectionRetryFilter
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public async Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken)
    {
        NoSilo(logger, exception.Message);
        await Task.Delay(Pause, time, cancellationToken);
        return true;
    }

    [LoggerMessage(1, LogLevel.Warning, "No silo can be reached yet; trying again every second. {Reason}")]
    private static partial void NoSilo(ILogger logger, string reason);
}
