using System.Data.Common;
using Clinic.Storage;
using Clinic.Topics;
using Dapper;

namespace Clinic.Charts;

/// <summary>The charts' tables; the SQL is the same on both databases.</summary>
internal sealed class ChartStore(ClinicDatabase database, TimeProvider time) : IChartStore
{
    private const string Open =
        """
        insert into chart_access (id, tenant, patient_id, topic, user_id, name, reason, opened_at, break_glass)
        values (@Id, @Tenant, @PatientId, @Topic, @UserId, @Name, @Reason, @OpenedAt, @BreakGlass)
        on conflict do nothing
        """;

    private const string Close =
        """
        update chart_access set closed_at = @At, closed_by = @ClosedBy where id = @Id and closed_at is null
        returning id, tenant, patient_id, user_id, name, closed_at, closed_by
        """;

    private DateTimeOffset Now => AccessChain.AsStored(time.GetUtcNow());

    public Task OpenAsync(AccessInterval interval, CancellationToken cancellation) => OpenAsync(interval, null, cancellation);

    public Task BreakGlassAsync(AccessInterval interval, Officers officers, CancellationToken cancellation) =>
        OpenAsync(interval, officers, cancellation);

    public Task CloseAsync(IReadOnlyList<AccessEnd> ends, CancellationToken cancellation) => database.WriteAsync(
        async transaction =>
        {
            var closed = new List<AccessRow>(ends.Count);
            // In the order of the ids, and clinics in theirs, so that two that close the same ones can't wait for each other in a circle.
            foreach (var end in ends.OrderBy(e => e.Id, StringComparer.Ordinal))
            {
                var parameters = new { end.Id, At = AccessChain.AsStored(end.ClosedAt), end.ClosedBy };
                closed.AddRange(await transaction.Connection!.QueryAsync<AccessRow>(
                    new CommandDefinition(Close, parameters, transaction, cancellationToken: cancellation)));
            }

            foreach (var clinic in closed.GroupBy(r => r.Tenant, StringComparer.Ordinal).OrderBy(c => c.Key, StringComparer.Ordinal))
            {
                await AccessChain.AppendAsync(transaction, clinic.Key, clinic.Select(r => AccessEntry.OfClosing(r, Now)), cancellation);
            }

            return closed.Count;
        },
        cancellation);

    public Task<IReadOnlyList<AccessInterval>> ReadOpenAsync(TopicId patient, CancellationToken cancellation) =>
        database.ReadAsync<IReadOnlyList<AccessInterval>>(
            async connection =>
            {
                var rows = await connection.QueryAsync<AccessRow>(new CommandDefinition(
                    """
                    select id, user_id, name, reason, opened_at, break_glass
                    from chart_access where topic = @Key and closed_at is null
                    order by opened_at, id
                    """,
                    new { patient.Key },
                    cancellationToken: cancellation));
                return [.. rows.Select(r => new AccessInterval(r.Id, patient, r.UserId, r.Name, r.Reason, r.OpenedAt, r.BreakGlass))];
            },
            cancellation);

    public Task<IReadOnlyList<TopicId>> FindUnsettledAsync(string afterKey, int limit, CancellationToken cancellation) =>
        database.ReadAsync<IReadOnlyList<TopicId>>(
            async connection =>
            {
                var keys = await connection.QueryAsync<string>(new CommandDefinition(
                    """
                    select topic from chart_access where closed_at is null and topic > @afterKey
                    union
                    select topic from edit_lease where lease is not null and topic > @afterKey
                    order by topic limit @limit
                    """,
                    new { afterKey, limit },
                    cancellationToken: cancellation));
                return [.. keys.Select(TopicId.Parse)];
            },
            cancellation);

    public Task<IReadOnlyList<StoredEdit>> ReadEditsAsync(TopicId patient, CancellationToken cancellation) =>
        database.ReadAsync<IReadOnlyList<StoredEdit>>(
            async connection =>
            {
                var rows = await connection.QueryAsync<EditRow>(new CommandDefinition(
                    """
                    select section, lease, fence, connection, user_id as "User", name, since
                    from edit_lease where topic = @Key and lease is not null
                    order by section
                    """,
                    new { patient.Key },
                    cancellationToken: cancellation));
                return [.. rows.Select(r => new StoredEdit(patient, r.Section, r.Lease, r.Fence, r.Connection, r.User, r.Name, r.Since))];
            },
            cancellation);

    public Task<bool> TakeEditAsync(StoredEdit edit, long expectedFence, IReadOnlyList<EventDraft> events, CancellationToken cancellation) =>
        WriteWithEventsAsync(
            // A section that was written to, but never held, has a row of fence 0, which writes lock.
            expectedFence == 0
                ? """
                insert into edit_lease (topic, tenant, patient_id, section, fence, lease, connection, user_id, name, since)
                values (@Topic, @Tenant, @PatientId, @Section, 1, @Lease, @Connection, @User, @Name, @Since)
                on conflict (topic, section) do update
                set fence = 1, lease = excluded.lease, connection = excluded.connection, user_id = excluded.user_id, name = excluded.name,
                    since = excluded.since
                where edit_lease.fence = 0
                """
                : """
                update edit_lease
                set fence = fence + 1, lease = @Lease, connection = @Connection, user_id = @User, name = @Name, since = @Since
                where topic = @Topic and section = @Section and fence = @expectedFence
                """,
            new
            {
                Topic = edit.Patient.Key,
                edit.Patient.Tenant,
                PatientId = edit.Patient.Id,
                edit.Section,
                edit.Lease,
                edit.Connection,
                edit.User,
                edit.Name,
                edit.Since,
                expectedFence,
            },
            edit.Patient,
            events,
            cancellation);

    public Task<bool> EndEditAsync(TopicId patient, string section, string lease, IReadOnlyList<EventDraft> events, CancellationToken cancellation) =>
        WriteWithEventsAsync(
            """
            update edit_lease set lease = null, connection = null, user_id = null, name = null, since = null
            where topic = @Key and section = @section and lease = @lease
            """,
            new { patient.Key, section, lease },
            patient,
            events,
            cancellation);

    public Task<IReadOnlyDictionary<string, long>> ReadFencesAsync(TopicId patient, CancellationToken cancellation) =>
        database.ReadAsync<IReadOnlyDictionary<string, long>>(
            async connection =>
            {
                var rows = await connection.QueryAsync<(string Section, long Fence)>(new CommandDefinition(
                    "select section, fence from edit_lease where topic = @Key and fence > 0",
                    new { patient.Key },
                    cancellationToken: cancellation));
                return rows.ToDictionary(r => r.Section, r => r.Fence, StringComparer.Ordinal);
            },
            cancellation);

    public Task<DateTimeOffset?> ReadAliveMarkAsync(CancellationToken cancellation) =>
        database.ReadAsync(
            connection => connection.QuerySingleOrDefaultAsync<DateTimeOffset?>(new CommandDefinition(
                "select alive_at from installation where alive_at is not null", cancellationToken: cancellation)),
            cancellation);

    public Task WriteAliveMarkAsync(DateTimeOffset now, CancellationToken cancellation) =>
        // Several silos leave it; the one whose clock is behind does not take back what another said.
        WriteAsync("update installation set alive_at = @now where alive_at is null or alive_at < @now", new { now }, cancellation);

    private Task<bool> OpenAsync(AccessInterval interval, Officers? officers, CancellationToken cancellation)
    {
        var row = new AccessRow
        {
            Id = interval.Id,
            Tenant = interval.Patient.Tenant,
            PatientId = interval.Patient.Id,
            Topic = interval.Patient.Key,
            UserId = interval.User,
            Name = interval.Name,
            Reason = interval.Reason,
            OpenedAt = AccessChain.AsStored(interval.OpenedAt),
            BreakGlass = interval.BreakGlass,
        };
        return database.WriteAsync(
            async transaction =>
            {
                // Said again after an answer that got lost, it changes nothing and is not entered again.
                var isNew = await ExecuteAsync(transaction, Open, row, cancellation) > 0;
                if (isNew)
                {
                    if (officers is not null)
                    {
                        await GlassNotices.AddAsync(transaction, row, officers.Users, Now, cancellation);
                    }

                    if (officers is { IsWhole: false })
                    {
                        await GlassDebts.OweAsync(transaction, row, officers.Users, cancellation);
                    }

                    await AccessChain.AppendAsync(transaction, row.Tenant, [AccessEntry.OfOpening(row, Now)], cancellation);
                }

                return isNew;
            },
            cancellation);
    }

    private Task<int> WriteAsync(string sql, object parameters, CancellationToken cancellation) =>
        database.WriteAsync(transaction => ExecuteAsync(transaction, sql, parameters, cancellation), cancellation);

    private Task<bool> WriteWithEventsAsync(
        string sql, object parameters, TopicId topic, IReadOnlyList<EventDraft> events, CancellationToken cancellation) =>
        database.WriteAsync(
            async transaction =>
            {
                if (await ExecuteAsync(transaction, sql, parameters, cancellation) == 0)
                {
                    return false;
                }

                await PendingEvents.AddAsync(transaction, topic, events, time.GetUtcNow(), cancellation);
                return true;
            },
            cancellation);

    private static Task<int> ExecuteAsync(DbTransaction transaction, string sql, object parameters, CancellationToken cancellation) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(sql, parameters, transaction, cancellationToken: cancellation));

    /// <summary>A row of <c>edit_lease</c> that is held.</summary>
    private sealed class EditRow
    {
        public required string Section { get; init; }

        public required string Lease { get; init; }

        public long Fence { get; init; }

        public required string Connection { get; init; }

        public required string User { get; init; }

        public required string Name { get; init; }

        public DateTimeOffset Since { get; init; }
    }
}
