using System.Text;
using Npgsql;
using NpgsqlTypes;

namespace Clinic.Storage;

/// <summary>
/// The group commit on PostgreSQL: one prepared statement, which is its own transaction, so one round trip for the whole group.
/// </summary>
/// <remarks>
/// Everything of a topic is written only by whoever moves its head, so the head's row is the only lock that matters: what the statement reads of
/// the topic's used ids and pending events can only be outdated if the head has moved, and then the condition on the head fails. Rows are
/// locked in the order of their keys, existing heads before new ones, so that two groups can't wait for each other in a circle. Whether a
/// used id or a pending event is there is counted one by one, because that is an index look-up whatever the planner thought of the table's size when it was empty: the plan is kept.
/// </remarks>
internal sealed class PostgreSqlEventStore(ClinicDatabase database, TimeProvider time) : EventStore(database, time)
{
    private const string Append =
        """
        with append as (
            select * from unnest($1, $2, $3, $4) with ordinality as a (topic, epoch, expected, last, n)),
        used as (
            select * from unnest($5, $6, $7, $8, $9) as u (n, id, hash, "offset", expires_at)),
        taken as (
            select * from unnest($10, $11) as t (n, sequence)),
        refused as (
            select a.n
            from used u
            join append a on a.n = u.n
            where (select count(*) from used_event_id known where known.topic = a.topic and known.id = u.id and known.expires_at > $12) > 0
            union
            select t.n
            from taken t
            join append a on a.n = t.n
            where (select count(*) from pending_event p where p.sequence = t.sequence and p.topic = a.topic) = 0),
        locked as materialized (
            select a.n
            from append a
            join topic_log l on l.topic = a.topic
            where a.n not in (select n from refused)
            order by a.topic
            for update of l),
        moved as (
            update topic_log l
            set last_offset = a.last
            from locked
            join append a on a.n = locked.n
            where l.topic = a.topic and l.epoch = a.epoch and l.last_offset = a.expected
            returning l.topic, a.n),
        first as (
            select distinct on (a.topic) a.topic, a.epoch, a.last, a.n
            from append a
            join installation i on i.epoch = a.epoch
            where a.expected = 0 and a.n not in (select n from refused)
            order by a.topic, a.n),
        started as (
            insert into topic_log (topic, epoch, last_offset)
            select topic, epoch, last
            from first
            where (select count(*) from moved) >= 0
            order by topic
            on conflict do nothing
            returning topic),
        done as (
            select topic, n from moved
            union all
            select s.topic, f.n from started s join first f on f.topic = s.topic),
        added as (
            insert into topic_event (topic, "offset", id, type, time, data, author)
            select d.topic, e."offset", e.id, e.type, e.time, e.data, e.author
            from unnest($13, $14, $15, $16, $17, $18, $19) as e (n, "offset", id, type, time, data, author)
            join done d on d.n = e.n),
        remembered as (
            insert into used_event_id (topic, id, hash, "offset", expires_at)
            select d.topic, u.id, u.hash, u."offset", u.expires_at
            from used u
            join done d on d.n = u.n
            on conflict (topic, id) do update
            set hash = excluded.hash, "offset" = excluded."offset", expires_at = excluded.expires_at),
        cleared as (
            delete from pending_event p
            using taken t, done d
            where d.n = t.n and p.sequence = t.sequence and p.topic = d.topic)
        select n from done
        """;

    protected override string IdIsOneOfIds => "id = any(@Ids)";

    protected override string SkippingLocked => "for update skip locked";

    public override async Task<bool[]> AppendAsync(IReadOnlyList<LogAppend> appends, CancellationToken cancellation)
    {
        await using var connection = await Database.PostgreSql!.OpenConnectionAsync(cancellation);
        await using var command = new NpgsqlCommand(Append, connection);
        Add(command.Parameters, appends);
        // Once a connection; from then on it is there already.
        await command.PrepareAsync(cancellation);
        var done = new bool[appends.Count];
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            done[reader.GetInt64(0) - 1] = true;
        }

        return done;
    }

    private void Add(NpgsqlParameterCollection parameters, IReadOnlyList<LogAppend> appends)
    {
        // Numbered from 1, as PostgreSQL counts.
        var used = appends.SelectMany((a, i) => a.UsedIds.Select(id => (N: i + 1L, Id: id))).ToList();
        var taken = appends.SelectMany((a, i) => a.PendingTaken.Select(sequence => (N: i + 1L, Sequence: sequence))).ToList();
        var events = appends.SelectMany((a, i) => a.Events.Select(e => (N: i + 1L, Event: e))).ToList();
        Array(NpgsqlDbType.Text, appends.Select(a => a.Topic.Key));
        Array(NpgsqlDbType.Text, appends.Select(a => a.Expected.Epoch));
        Array(NpgsqlDbType.Bigint, appends.Select(a => a.Expected.Offset));
        Array(NpgsqlDbType.Bigint, appends.Select(a => a.Events[^1].Offset));
        Array(NpgsqlDbType.Bigint, used.Select(u => u.N));
        Array(NpgsqlDbType.Text, used.Select(u => u.Id.Id));
        Array(NpgsqlDbType.Bytea, used.Select(u => u.Id.Hash));
        Array(NpgsqlDbType.Bigint, used.Select(u => u.Id.Offset));
        Array(NpgsqlDbType.TimestampTz, used.Select(u => u.Id.Expires.UtcDateTime));
        Array(NpgsqlDbType.Bigint, taken.Select(t => t.N));
        Array(NpgsqlDbType.Bigint, taken.Select(t => t.Sequence));
        parameters.Add(new NpgsqlParameter<DateTime> { NpgsqlDbType = NpgsqlDbType.TimestampTz, TypedValue = Time.GetUtcNow().UtcDateTime });
        Array(NpgsqlDbType.Bigint, events.Select(e => e.N));
        Array(NpgsqlDbType.Bigint, events.Select(e => e.Event.Offset));
        Array(NpgsqlDbType.Text, events.Select(e => e.Event.Id));
        Array(NpgsqlDbType.Text, events.Select(e => e.Event.Type));
        Array(NpgsqlDbType.TimestampTz, events.Select(e => e.Event.Time.UtcDateTime));
        Array(NpgsqlDbType.Text, events.Select(e => Encoding.UTF8.GetString(e.Event.Data)));
        Array(NpgsqlDbType.Text, events.Select(e => e.Event.By));

        void Array<T>(NpgsqlDbType type, IEnumerable<T> values) =>
            parameters.Add(new NpgsqlParameter<T[]> { NpgsqlDbType = NpgsqlDbType.Array | type, TypedValue = [.. values] });
    }
}
