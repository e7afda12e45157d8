using System.Text;
using Clinic.Topics;
using Dapper;

namespace Clinic.Storage;

/// <summary>What of the event store is the same SQL on both databases: all but the group commit and two statements.</summary>
internal abstract class EventStore(ClinicDatabase database, TimeProvider time) : IEventStore
{
    private const string EventColumns = "type, id, \"offset\", time, data, author";

    /// <summary>The database that holds the logs.</summary>
    protected ClinicDatabase Database => database;

    /// <summary>Says which used ids have expired.</summary>
    protected TimeProvider Time => time;

    /// <summary>A condition: the column <c>id</c> is one of the parameter <c>Ids</c>.</summary>
    protected abstract string IdIsOneOfIds { get; }

    /// <summary>Ends a subquery that picks rows to delete, so that those who delete at the same time don't wait for each other.</summary>
    protected abstract string SkippingLocked { get; }

    public Task<LogPosition> ReadHeadAsync(TopicId topic, CancellationToken cancellation) =>
        database.ReadAsync(
            async connection =>
            {
                var (epoch, offset) = await connection.QuerySingleAsync<(string, long)>(new CommandDefinition(
                    """
                    select coalesce(l.epoch, i.epoch), coalesce(l.last_offset, 0)
                    from installation i left join topic_log l on l.topic = @Key
                    """,
                    new { topic.Key },
                    cancellationToken: cancellation));
                return new LogPosition(epoch, offset);
            },
            cancellation);

    public Task<IReadOnlyList<TopicEvent>> ReadAsync(TopicId topic, long after, int limit, CancellationToken cancellation) =>
        QueryEventsAsync(
            $"select {EventColumns} from topic_event where topic = @Key and \"offset\" > @after order by \"offset\" limit @limit",
            new { topic.Key, after, limit },
            cancellation);

    public Task<IReadOnlyDictionary<string, UsedEventId>> FindIdsAsync(TopicId topic, IReadOnlyList<string> ids, CancellationToken cancellation) =>
        database.ReadAsync<IReadOnlyDictionary<string, UsedEventId>>(
            async connection =>
            {
                var rows = await connection.QueryAsync<(string Id, byte[] Hash, long Offset)>(new CommandDefinition(
                    $"select id, hash, \"offset\" from used_event_id where topic = @Key and {IdIsOneOfIds} and expires_at > @Now",
                    new { topic.Key, Ids = ids.ToArray(), Now = time.GetUtcNow() },
                    cancellationToken: cancellation));
                return rows.ToDictionary(r => r.Id, r => new UsedEventId(r.Hash, r.Offset), StringComparer.Ordinal);
            },
            cancellation);

    public Task<IReadOnlyList<PendingEvent>> ReadPendingAsync(TopicId topic, int limit, CancellationToken cancellation) =>
        database.ReadAsync<IReadOnlyList<PendingEvent>>(
            async connection =>
            {
                var rows = await connection.QueryAsync<(long Sequence, string Id, string Type, string Data, string? By)>(new CommandDefinition(
                    "select sequence, id, type, data, author from pending_event where topic = @Key order by sequence limit @limit",
                    new { topic.Key, limit },
                    cancellationToken: cancellation));
                return [.. rows.Select(r => new PendingEvent(r.Sequence, r.Id, r.Type, Encoding.UTF8.GetBytes(r.Data), r.By))];
            },
            cancellation);

    public Task<IReadOnlyList<TopicId>> FindTopicsWithPendingAsync(DateTimeOffset before, int limit, CancellationToken cancellation) =>
        database.ReadAsync<IReadOnlyList<TopicId>>(
            async connection =>
            {
                var keys = await connection.QueryAsync<string>(new CommandDefinition(
                    "select topic from pending_event where written_at < @before group by topic order by min(written_at), topic limit @limit",
                    new { before, limit },
                    cancellationToken: cancellation));
                return [.. keys.Select(TopicId.Parse)];
            },
            cancellation);

    public abstract Task<bool[]> AppendAsync(IReadOnlyList<LogAppend> appends, CancellationToken cancellation);

    public Task TrimAsync(TopicId topic, int keep, DateTimeOffset before, CancellationToken cancellation) =>
        // Only ever the beginning of the log: if the clock was once set back, an event in the middle may look old, and without it there would be a hole.
        database.WriteAsync(
            transaction => transaction.Connection!.ExecuteAsync(new CommandDefinition(
                """
                delete from topic_event
                where topic = @Key
                    and "offset" <= (select last_offset from topic_log where topic = @Key) - @keep
                    and "offset" < coalesce(
                        (select "offset" from topic_event where topic = @Key and time >= @before order by "offset" limit 1),
                        9223372036854775807)
                """,
                new { topic.Key, keep, before },
                transaction,
                cancellationToken: cancellation)),
            cancellation);

    public Task<int> ExpireIdsAsync(DateTimeOffset now, int limit, CancellationToken cancellation) =>
        database.WriteAsync(
            transaction => transaction.Connection!.ExecuteAsync(new CommandDefinition(
                $"""
                delete from used_event_id where (topic, id) in (
                    select topic, id from used_event_id where expires_at < @now order by expires_at limit @limit {SkippingLocked})
                """,
                new { now, limit },
                transaction,
                cancellationToken: cancellation)),
            cancellation);

    private Task<IReadOnlyList<TopicEvent>> QueryEventsAsync(string sql, object parameters, CancellationToken cancellation) =>
        database.ReadAsync<IReadOnlyList<TopicEvent>>(
            async connection =>
            {
                var rows = await connection.QueryAsync<EventRow>(new CommandDefinition(sql, parameters, cancellationToken: cancellation));
                return [.. rows.Select(r => new TopicEvent(r.Type, r.Id, r.Offset, r.Time, Encoding.UTF8.GetBytes(r.Data), r.Author))];
            },
            cancellation);

    /// <summary>A row of <c>topic_event</c>.</summary>
    private sealed class EventRow
    {
        public required string Type { get; init; }

        public required string Id { get; init; }

        public long Offset { get; init; }

        public DateTimeOffset Time { get; init; }

        public required string Data { get; init; }

        public string? Author { get; init; }
    }
}
