using System.Data.Common;
using Clinic.Storage;
using Dapper;

namespace Clinic.Charts;

/// <summary>
/// Enters the intervals of an earlier version into the access log, as the last step of the upgrade that brought the log. Each batch is a transaction, so that
/// an interrupted one goes on where it stopped.
/// </summary>
internal static class AccessTakeOver
{
    /// <summary>The upgrade after which it is due.</summary>
    public const string Script = "0011-access-chain.sql";
    private const int Batch = 1_000;

    private const string Next =
        """
        select c.id, c.tenant, c.patient_id, c.user_id, c.name, c.reason, c.opened_at, c.closed_at, c.closed_by
        from chart_access c join access_unchained u on u.id = c.id
        order by c.tenant, c.opened_at, c.id limit @Batch
        """;

    /// <summary>Runs if it is due; the caller holds the lock of the schema.</summary>
    public static async Task RunAsync(DbConnection connection, StorageProvider provider, TimeProvider time, CancellationToken cancellation)
    {
        var exists = provider == StorageProvider.PostgreSql
            ? "select to_regclass('access_unchained') is not null"
            : "select count(*) from sqlite_master where type = 'table' and name = 'access_unchained'";
        if (!await connection.ExecuteScalarAsync<bool>(exists))
        {
            return;
        }

        while (await TakeBatchAsync(connection, AccessChain.AsStored(time.GetUtcNow()), cancellation))
        {
        }
    }

    private static async Task<bool> TakeBatchAsync(DbConnection connection, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var rows = (await connection.QueryAsync<AccessRow>(new CommandDefinition(Next, new { Batch }, transaction, cancellationToken: cancellation))).ToList();
        foreach (var clinic in rows.GroupBy(r => r.Tenant, StringComparer.Ordinal))
        {
            await AccessChain.AppendAsync(transaction, clinic.Key, clinic.SelectMany(r => EntriesOf(r, now)), cancellation);
        }

        await connection.ExecuteAsync(new CommandDefinition(
            rows.Count > 0 ? "delete from access_unchained where id = @Id" : "drop table access_unchained",
            rows.Count > 0 ? rows : null,
            transaction,
            cancellationToken: cancellation));
        await transaction.CommitAsync(cancellation);
        return rows.Count > 0;
    }

    private static IEnumerable<AccessEntry> EntriesOf(AccessRow row, DateTimeOffset now) => row.ClosedAt is null
        ? [AccessEntry.OfOpening(row, now)]
        : [AccessEntry.OfOpening(row, now), AccessEntry.OfClosing(row, now)];
}
