using System.Data.Common;
using Dapper;
using Npgsql;

namespace Clinic.Charts;

/// <summary>Appends to a clinic's access log, in the transaction of what the entries tell about.</summary>
internal static class AccessChain
{
    private const string Head = "select entries, hash from access_head where tenant = @tenant";

    /// <summary>The head moves with each entry.</summary>
    private const string Append =
        """
        insert into access_entry (tenant, sequence, kind, interval_id, patient_id, user_id, name, reason, at, closed_by, recorded_at, hash)
        values (@Tenant, @Sequence, @Kind, @IntervalId, @PatientId, @UserId, @Name, @Reason, @At, @ClosedBy, @RecordedAt, @Hash);
        update access_head set entries = @Sequence, hash = @Hash where tenant = @Tenant;
        """;

    /// <summary>
    /// Appends the entries of one clinic, in this order; they get their numbers here. From here to the end of the transaction nobody else appends to the clinic's
    /// log, so it comes last in the transaction: who holds the head waits for nothing.
    /// </summary>
    public static async Task AppendAsync(DbTransaction transaction, string tenant, IEnumerable<AccessEntry> entries, CancellationToken cancellation)
    {
        var (sequence, hash) = await LockHeadAsync(transaction, tenant, cancellation);
        foreach (var entry in entries)
        {
            var numbered = entry with { Tenant = tenant, Sequence = ++sequence };
            hash = numbered.HashAfter(hash);
            await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                Append, numbered with { Hash = hash }, transaction, cancellationToken: cancellation));
        }
    }

    /// <summary>As SQLite keeps a time. What is hashed has to be what is read again, on both databases.</summary>
    public static DateTimeOffset AsStored(DateTimeOffset time) => new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerMillisecond), TimeSpan.Zero);

    private static async Task<(long Entries, string Hash)> LockHeadAsync(DbTransaction transaction, string tenant, CancellationToken cancellation)
    {
        var connection = transaction.Connection!;
        // SQLite's transaction has the only write lock already.
        var select = new CommandDefinition(
            connection is NpgsqlConnection ? Head + " for update" : Head, new { tenant }, transaction, cancellationToken: cancellation);
        if (await connection.QuerySingleOrDefaultAsync<(long Entries, string Hash)?>(select) is { } head)
        {
            return head;
        }

        await connection.ExecuteAsync(new CommandDefinition(
            "insert into access_head (tenant, entries, hash) values (@tenant, 0, @NoHash) on conflict do nothing",
            new { tenant, AccessEntry.NoHash },
            transaction,
            cancellationToken: cancellation));
        return await connection.QuerySingleAsync<(long, string)>(select);
    }
}
