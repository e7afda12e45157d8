using System.Data.Common;

namespace Clinic.Storage;

/// <summary>The group commit on SQLite: one write transaction, which excludes all others, so each append is checked and then written.</summary>
internal sealed class SqliteEventStore(ClinicDatabase database, TimeProvider time) : EventStore(database, time)
{
    private SqliteAppend? _group;

    protected override string IdIsOneOfIds => "id in @Ids";

    protected override string SkippingLocked => "";

    public override Task<bool[]> AppendAsync(IReadOnlyList<LogAppend> appends, CancellationToken cancellation) =>
        Database.WriteAsync(
            transaction =>
            {
                // The driver works synchronously under its asynchronous names.
                var group = GroupOn(transaction.Connection!);
                group.Begin(transaction, Time.GetUtcNow());
                return Task.FromResult(appends.Select(group.TryAppend).ToArray());
            },
            cancellation);

    /// <summary>The statements of the writer's connection; called in the writer's turn only.</summary>
    private SqliteAppend GroupOn(DbConnection connection)
    {
        if (_group?.Connection != connection)
        {
            _group?.Dispose();
            _group = new SqliteAppend(connection);
        }

        return _group;
    }
}
