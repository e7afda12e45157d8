using Clinic.Storage;
using Dapper;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Clinic.Telemetry;

/// <summary>Whether the database answers.</summary>
internal sealed class DatabaseHealth(ClinicDatabase database) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        await database.ReadAsync(
            connection => connection.ExecuteScalarAsync<int>(new CommandDefinition("select 1", cancellationToken: cancellationToken)), cancellationToken);
        return HealthCheckResult.Healthy();
    }
}
