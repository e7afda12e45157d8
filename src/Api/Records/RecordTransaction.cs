using System.Data.Common;
using System.Text;
using System.Text.Json;
using Clinic.Security;
using Clinic.Topics;
using Dapper;
using Npgsql;

namespace Clinic.Records;

/// <summary>
/// One record write: the database transaction, and the events that are committed with it. Lock a record's row (update it) before its events
/// are written, which is after the write returns: then the events of one record are numbered in the order of its changes.
/// </summary>
internal sealed class RecordTransaction(DbTransaction transaction, Caller caller, DateTimeOffset now, JsonSerializerOptions json)
{
    /// <summary>Rows of one insert; six parameters each, far below what either database takes.</summary>
    private const int RowsPerInsert = 100;

    private readonly List<PendingRow> _events = [];

    /// <summary>Who writes.</summary>
    public Caller Caller { get; } = caller;

    /// <summary>The clinic; part of every query.</summary>
    public string Tenant => Caller.Tenant;

    /// <summary>The user on whose behalf it happens.</summary>
    public string User => Caller.User ?? throw new InvalidOperationException("A record write needs a user.");

    /// <summary>The time of the write, UTC, whole milliseconds.</summary>
    public DateTimeOffset Now { get; } = now;

    /// <summary>The events so far, by topic.</summary>
    public IReadOnlyList<TopicId> Topics => [.. _events.Select(e => e.Topic).Distinct()];

    /// <summary>How many events there are so far.</summary>
    public int EventCount => _events.Count;

    /// <summary>A new id; later ones sort later.</summary>
    public string NewId() => Guid.CreateVersion7(Now).ToString();

    /// <summary>Emits an event with the write: it is delivered if and only if the write commits.</summary>
    public void Emit(TopicId topic, string type, object data) =>
        _events.Add(new PendingRow(topic, NewId(), type, JsonSerializer.Serialize(data, json)));

    /// <summary>Runs a statement.</summary>
    /// <returns>The number of rows it changed.</returns>
    public Task<int> ExecuteAsync(string sql, object parameters) => transaction.Connection!.ExecuteAsync(sql, parameters, transaction);

    /// <summary>The only row, or null.</summary>
    public Task<T?> FindAsync<T>(string sql, object parameters) =>
        transaction.Connection!.QuerySingleOrDefaultAsync<T?>(sql, parameters, transaction);

    /// <summary>The only row that a select of one table brings, or null; nobody else changes it until this write is over.</summary>
    public Task<T?> LockAsync<T>(string select, object parameters) =>
        // SQLite has one writer, which is this one.
        FindAsync<T>(transaction.Connection is NpgsqlConnection ? select + " for update" : select, parameters);

    /// <summary>All rows.</summary>
    public async Task<IReadOnlyList<T>> QueryAsync<T>(string sql, object parameters) =>
        [.. await transaction.Connection!.QueryAsync<T>(sql, parameters, transaction)];

    /// <summary>Stores the events, in the order of their emission.</summary>
    internal async Task WriteEventsAsync()
    {
        foreach (var rows in _events.Chunk(RowsPerInsert))
        {
            var sql = new StringBuilder("insert into pending_event (topic, id, type, data, author, written_at) values ");
            var parameters = new DynamicParameters();
            parameters.Add("author", User);
            parameters.Add("now", Now);
            for (var i = 0; i < rows.Length; i++)
            {
                sql.Append(i == 0 ? "" : ", ").Append(System.Globalization.CultureInfo.InvariantCulture, $"(@t{i}, @i{i}, @y{i}, @d{i}, @author, @now)");
                parameters.Add($"t{i}", rows[i].Topic.Key);
                parameters.Add($"i{i}", rows[i].Id);
                parameters.Add($"y{i}", rows[i].Type);
                parameters.Add($"d{i}", rows[i].Data);
            }

            await ExecuteAsync(sql.ToString(), parameters);
        }
    }

    private sealed record PendingRow(TopicId Topic, string Id, string Type, string Data);
}
