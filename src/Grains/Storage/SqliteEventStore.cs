namespace Clinic.Storage;

/// <summary>The group commit on SQLite: one write transaction, which excludes all others, so each append is checked and then written.</summary>
internal sealed class SqliteEventStore(ClinicDatabase database, TimeProvider time) : EventStore(database, time)
{
    protected override string IdIsOneOfIds => "id in @Ids";

    protected override string SkippingLocked => "";

    public override Task<bool[]> AppendAsync(IReadOnlyList<LogAppend> appends, CancellationToken cancellation) =>
        Database.WriteAsync(
            transaction =>
            {
                // The driver works synchronously under its asynchronous names.
                using var group = new SqliteAppend(transaction, Time.GetUtcNow());
                return Task.FromResult(appends.Select(group.TryAppend).ToArray());
            },
            cancellation);
}
