using System.Data.Common;
using Clinic.Databases;
using Clinic.Presence;
using Clinic.Storage;
using Clinic.Telemetry;
using Dapper;
using Microsoft.Extensions.Logging.Abstractions;

namespace Clinic.Escalation;

/// <summary>A database that dies while steps are due.</summary>
public sealed class EscalationOutageTests
{
    private static readonly DateTimeOffset Long = new(2026, 3, 1, 8, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task What_fell_due_during_an_outage_of_the_database_is_taken_once_when_it_is_back()
    {
        await using var server = await PostgreSqlServer.StartNewAsync();
        var options = new StorageOptions { Provider = StorageProvider.PostgreSql, ConnectionString = await server.CreateDatabaseAsync() };
        await SchemaUpgrade.RunAsync(options, NullLogger.Instance);
        await using var database = new ClinicDatabase(options);
        await AddAsync(database, 5);
        var escalator = new Escalator(
            new EscalationStore(database),
            _ => Task.FromResult(new PresenceSnapshot("e", 1, true, [])),
            _ => Task.CompletedTask,
            new EscalationMetrics(new NoMeters()),
            TimeProvider.System,
            NullLogger<Escalator>.Instance);

        await server.StopAsync(immediate: true);
        await Assert.ThrowsAnyAsync<DbException>(() => escalator.RunRoundAsync(TimeSpan.Zero, CancellationToken.None));
        await server.StartAsync();
        await escalator.RunRoundAsync(TimeSpan.Zero, CancellationToken.None);
        await escalator.RunRoundAsync(TimeSpan.Zero, CancellationToken.None);

        Assert.Equal(5, await database.ReadAsync(c => c.ExecuteScalarAsync<long>("select count(*) from escalation_step where step = 1")));
        Assert.Equal(5, await database.ReadAsync(c => c.ExecuteScalarAsync<long>("select count(*) from escalation_step")));
        Assert.Equal(5, await new EscalationStore(database).CountOpenAsync(CancellationToken.None));
    }

    private static Task<int> AddAsync(ClinicDatabase database, int matters) => database.WriteAsync(async transaction =>
    {
        for (var i = 0; i < matters; i++)
        {
            var row = new { id = $"n{i}", at = Long };
            await transaction.Connection!.ExecuteAsync(
                """
                insert into notification
                    (tenant, id, user_id, kind, priority, title, body, link, requires_ack, created_by, created_at, matter_id)
                values ('north', @id, 'ann', 'lab_result_ready', 'urgent', 't', 'b', '/', true, 'lab', @at, @id)
                """,
                row,
                transaction);
            await transaction.Connection!.ExecuteAsync(
                "insert into escalation (tenant, id, priority, owner, step, due_at) values ('north', @id, 'urgent', 'ann', 0, @at)", row, transaction);
        }

        return matters;
    });
}
