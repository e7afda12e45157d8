using Clinic.Databases;
using Clinic.Presence;
using Clinic.Storage;
using Dapper;
using Microsoft.Extensions.Logging.Abstractions;

namespace Clinic.Escalation;

public sealed class EscalationUpgradeTests
{
    private static readonly DateTimeOffset Sent = new(2026, 3, 1, 8, 0, 0, 250, TimeSpan.Zero);

    [Theory]
    [InlineData(StorageProvider.Sqlite)]
    [InlineData(StorageProvider.PostgreSql)]
    public async Task What_waited_to_be_acknowledged_before_the_upgrade_gets_the_default_time(StorageProvider provider)
    {
        await using var fresh = await FreshDatabase.CreateEmptyAsync(provider);
        var scripts = SchemaScripts.Of(provider);
        await SchemaUpgrade.RunAsync(
            fresh.Options, [.. scripts.Where(s => string.CompareOrdinal(s.Name, "0010") < 0)], NullLogger.Instance, CancellationToken.None);
        await AddAsync(fresh.Database, "waits", requiresAck: true, null);
        await AddAsync(fresh.Database, "done", requiresAck: true, Sent);
        await AddAsync(fresh.Database, "needs none", requiresAck: false, null);

        await SchemaUpgrade.RunAsync(fresh.Options, NullLogger.Instance);

        var store = new EscalationStore(fresh.Database);
        var due = Sent.AddMinutes(15);
        Assert.Empty(await store.FindDueAsync(due.AddMilliseconds(-1), null, 10, CancellationToken.None));
        var matter = Assert.Single(await store.FindDueAsync(due, null, 10, CancellationToken.None));
        Assert.Equal(new Matter { Tenant = "north", Id = "waits", Priority = "urgent", Owner = "ann", Step = 0, DueAt = due }, matter);
        var outcome = await store.StepAsync(matter, new Dictionary<string, PresenceStatus>(), due, CancellationToken.None);
        Assert.Equal(("ann", EscalationReason.NobodyLeft), (outcome?.Step.To, outcome?.Step.Reason));
        Assert.Null(await store.StepAsync(matter, new Dictionary<string, PresenceStatus>(), due.AddDays(1), CancellationToken.None));
    }

    private static Task<int> AddAsync(ClinicDatabase database, string id, bool requiresAck, DateTimeOffset? acknowledged) =>
        database.WriteAsync(transaction => transaction.Connection!.ExecuteAsync(
            """
            insert into notification
                (tenant, id, user_id, kind, priority, title, body, link, requires_ack, created_by, created_at, acknowledged_at)
            values ('north', @id, 'ann', 'lab_result_ready', 'urgent', 't', 'b', '/', @requiresAck, 'lab', @Sent, @acknowledged)
            """,
            new { id, requiresAck, Sent, acknowledged },
            transaction));
}
