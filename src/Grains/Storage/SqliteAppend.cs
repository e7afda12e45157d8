using System.Data.Common;
using System.Globalization;
using System.Text;

namespace Clinic.Storage;

/// <summary>Writes the appends of a group within a transaction; its statements are compiled once for the life of the connection.</summary>
internal sealed class SqliteAppend(DbConnection connection) : IDisposable
{
    private readonly Statement _head = new(
        connection,
        """
        select coalesce(l.epoch, i.epoch) = @p0 and coalesce(l.last_offset, 0) = @p1
        from installation i left join topic_log l on l.topic = @p2
        """);

    private readonly Statement _isUsed = new(connection, "select exists (select 1 from used_event_id where topic = @p0 and id = @p1 and expires_at > @p2)");

    private readonly Statement _isPending = new(connection, "select exists (select 1 from pending_event where sequence = @p0 and topic = @p1)");

    private readonly Statement _move = new(
        connection,
        """
        insert into topic_log (topic, epoch, last_offset) values (@p0, @p1, @p2)
        on conflict do update set last_offset = excluded.last_offset
        """);

    private readonly Statement _add = new(
        connection,
        "insert into topic_event (topic, \"offset\", id, type, time, data, author) values (@p0, @p1, @p2, @p3, @p4, @p5, @p6)");

    private readonly Statement _remember = new(
        connection,
        """
        insert into used_event_id (topic, id, hash, "offset", expires_at) values (@p0, @p1, @p2, @p3, @p4)
        on conflict do update set hash = excluded.hash, "offset" = excluded."offset", expires_at = excluded.expires_at
        """);

    private readonly Statement _clear = new(connection, "delete from pending_event where sequence = @p0");

    private DateTimeOffset _now;

    public DbConnection Connection => connection;

    private Statement[] All => [_head, _isUsed, _isPending, _move, _add, _remember, _clear];

    /// <summary>Starts a group.</summary>
    /// <param name="transaction">Of the connection.</param>
    /// <param name="now">Says which used ids have expired.</param>
    public void Begin(DbTransaction transaction, DateTimeOffset now)
    {
        _now = now;
        foreach (var statement in All)
        {
            statement.Transaction = transaction;
        }
    }

    /// <summary>Writes one append whole, or nothing of it.</summary>
    /// <returns>False when the topic's head, a used id or a pending event is not as expected.</returns>
    public bool TryAppend(LogAppend append)
    {
        var topic = append.Topic.Key;
        if (!_head.Test(append.Expected.Epoch, append.Expected.Offset, topic)
            || append.UsedIds.Any(u => _isUsed.Test(topic, u.Id, Text(_now)))
            || append.PendingTaken.Any(sequence => !_isPending.Test(sequence, topic)))
        {
            return false;
        }

        _move.Run(topic, append.Expected.Epoch, append.Events[^1].Offset);
        foreach (var e in append.Events)
        {
            _add.Run(topic, e.Offset, e.Id, e.Type, Text(e.Time), Encoding.UTF8.GetString(e.Data), e.By);
        }

        foreach (var used in append.UsedIds)
        {
            _remember.Run(topic, used.Id, used.Hash, used.Offset, Text(used.Expires));
        }

        foreach (var sequence in append.PendingTaken)
        {
            _clear.Run(sequence);
        }

        return true;
    }

    public void Dispose()
    {
        foreach (var statement in All)
        {
            statement.Dispose();
        }
    }

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString(DapperTypes.SqliteForm, CultureInfo.InvariantCulture);

    /// <summary>A statement with its parameters by number.</summary>
    private sealed class Statement(DbConnection connection, string sql) : IDisposable
    {
        private DbCommand? _command;

        public DbTransaction? Transaction { get; set; }

        public bool Test(params ReadOnlySpan<object?> values) => (long)With(values).ExecuteScalar()! != 0;

        public void Run(params ReadOnlySpan<object?> values) => With(values).ExecuteNonQuery();

        public void Dispose() => _command?.Dispose();

        private DbCommand With(ReadOnlySpan<object?> values)
        {
            _command ??= Create(values.Length);
            _command.Transaction = Transaction;
            for (var i = 0; i < values.Length; i++)
            {
                _command.Parameters[i].Value = values[i] ?? DBNull.Value;
            }

            return _command;
        }

        private DbCommand Create(int count)
        {
            var command = connection.CreateCommand();
            command.CommandText = sql;
            for (var i = 0; i < count; i++)
            {
                var parameter = command.CreateParameter();
                parameter.ParameterName = $"@p{i}";
                command.Parameters.Add(parameter);
            }

            return command;
        }
    }
}
