using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Clinic.Realtime;

/// <summary>Whether this host hears the silos and they hear it.</summary>
internal sealed class RealtimeHealth(HostStreamReader reader, HostBeat beat, HostDrain drain) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(
            drain.IsDraining ? HealthCheckResult.Unhealthy("The host is stopping.")
            : !reader.IsSubscribed ? HealthCheckResult.Unhealthy("The host does not read its stream yet.")
            : !beat.IsHeard ? HealthCheckResult.Unhealthy("No silo answers.")
            : HealthCheckResult.Healthy());
}
