using System.Data;
using System.Data.Common;
using Clinic.Storage;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Clinic.Charts;

/// <summary>
/// Checks that a clinic's access log is as it was written: that each entry follows from the one before, that the head counts them, and that
/// <c>chart_access</c>, which queries read, says the same. It changes nothing and may run beside the servers.
/// </summary>
public sealed class AccessVerifier(ClinicDatabase database)
{
    private const string Clinics = "select tenant from access_head union select tenant from access_entry union select tenant from chart_access";

    private const string Head = "select entries, hash from access_head where tenant = @tenant";

    private const string Entries =
        """
        select e.tenant, e.sequence, e.kind, e.interval_id, e.patient_id, e.user_id, e.name, e.reason, e.at, e.closed_by, e.recorded_at, e.hash,
               c.id, c.tenant, c.patient_id, c.topic, c.user_id, c.name, c.reason, c.opened_at, c.closed_at, c.closed_by, c.break_glass
        from access_entry e left join chart_access c on c.id = e.interval_id
        where e.tenant = @tenant
        order by e.sequence
        """;

    /// <summary>The column of <see cref="Entries"/> with which chart_access begins.</summary>
    private const int RowStart = 12;

    /// <summary>Rows that say more than the entries do.</summary>
    private const string Unfounded =
        """
        select c.id,
               exists (select 1 from access_entry e where e.tenant = c.tenant and e.interval_id = c.id and e.kind <> 'closed') as opened
        from chart_access c
        where c.tenant = @tenant
          and (not exists (select 1 from access_entry e where e.tenant = c.tenant and e.interval_id = c.id and e.kind <> 'closed')
            or (c.closed_at is not null
              and not exists (select 1 from access_entry e where e.tenant = c.tenant and e.interval_id = c.id and e.kind = 'closed')))
        order by c.opened_at, c.id limit 1
        """;

    /// <summary>All clinics that have an access log, in the order of their ids.</summary>
    /// <exception cref="DbException">The database can't be reached, or has not been upgraded to this program's schema.</exception>
    public async Task<IReadOnlyList<string>> ClinicsAsync(CancellationToken cancellation = default)
    {
        var found = await database.ReadAsync(c => c.QueryAsync<string>(Command(Clinics, null, null, cancellation)), cancellation);
        return [.. found.Order(StringComparer.Ordinal)];
    }

    /// <summary>Checks one clinic's log, in one snapshot of the database.</summary>
    /// <param name="tenant">The clinic.</param>
    /// <param name="keptHead">A head that an earlier check printed: the log must still contain it. Null if there is none.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="DbException">The database can't be reached, or has not been upgraded to this program's schema.</exception>
    public Task<AccessVerdict> VerifyAsync(string tenant, string? keptHead, CancellationToken cancellation = default) => database.ReadAsync(
        async connection =>
        {
            await using var snapshot = connection is SqliteConnection sqlite
                ? sqlite.BeginTransaction(deferred: true)
                : await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
            var head = await connection.QuerySingleOrDefaultAsync<(long Entries, string Hash)?>(Command(Head, new { tenant }, snapshot, cancellation))
                ?? (0, AccessEntry.NoHash);
            var check = new AccessCheck(tenant, head.Entries, head.Hash, keptHead);
            var fault = await FirstFaultAsync(connection, snapshot, check, tenant, cancellation)
                ?? check.End()
                ?? await UnfoundedAsync(connection, snapshot, tenant, cancellation);
            return new AccessVerdict(tenant, head.Entries, head.Hash, fault);
        },
        cancellation);

    private static async Task<string?> FirstFaultAsync(
        DbConnection connection, DbTransaction snapshot, AccessCheck check, string tenant, CancellationToken cancellation)
    {
        // A log is longer than what fits into memory.
        await using var reader = await connection.ExecuteReaderAsync(Command(Entries, new { tenant }, snapshot, cancellation));
        var entryOf = reader.GetRowParser<AccessEntry>(length: RowStart);
        var rowOf = reader.GetRowParser<AccessRow>(startIndex: RowStart, length: reader.FieldCount - RowStart, returnNullIfFirstMissing: true);
        while (await reader.ReadAsync(cancellation))
        {
            if (check.Next(entryOf(reader), rowOf(reader)) is { } fault)
            {
                return fault;
            }
        }

        return null;
    }

    private static async Task<string?> UnfoundedAsync(DbConnection connection, DbTransaction snapshot, string tenant, CancellationToken cancellation)
    {
        var row = await connection.QueryFirstOrDefaultAsync<(string Id, bool Opened)?>(Command(Unfounded, new { tenant }, snapshot, cancellation));
        return row switch
        {
            null => null,
            { Opened: false } => $"chart_access {row.Value.Id}: no entry tells of it",
            _ => $"chart_access {row.Value.Id}: it is closed, and no entry tells of that",
        };
    }

    private static CommandDefinition Command(string sql, object? parameters, DbTransaction? transaction, CancellationToken cancellation) =>
        new(sql, parameters, transaction, commandTimeout: 0, cancellationToken: cancellation);
}
