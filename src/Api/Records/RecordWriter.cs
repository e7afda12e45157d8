using System.Data.Common;
using Clinic.Security;
using Clinic.Storage;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace Clinic.Records;

/// <summary>
/// Runs record writes: the record's rows and its events are committed in one transaction, then the topics are told. Nothing here waits for
/// realtime, so a write works the same while it is down.
/// </summary>
internal sealed class RecordWriter(
    ClinicDatabase database, PendingEventDispatcher dispatcher, RecordMetrics metrics, TimeProvider time, IOptions<JsonOptions> json)
{
    /// <summary>Runs a write that is always kept.</summary>
    /// <exception cref="DbException">The database can't be reached or refused; nothing was written, or it is unknown if the commit failed.</exception>
    public Task<T> WriteAsync<T>(Caller caller, Func<RecordTransaction, Task<T>> write, CancellationToken cancellation) =>
        WriteAsync(caller, write, static _ => true, cancellation);

    /// <summary>Runs a write that is kept when <paramref name="keeps"/> says so of what it came to, and undone otherwise.</summary>
    /// <exception cref="DbException">As above.</exception>
    public async Task<T> WriteAsync<T>(
        Caller caller, Func<RecordTransaction, Task<T>> write, Func<T, bool> keeps, CancellationToken cancellation)
    {
        RecordTransaction? record = null;
        var kept = false;
        var result = await database.WriteAsync(
            async transaction =>
            {
                record = new RecordTransaction(transaction, caller, Now(), json.Value.SerializerOptions);
                var outcome = await write(record);
                kept = keeps(outcome);
                if (kept)
                {
                    await record.WriteEventsAsync();
                }

                return outcome;
            },
            _ => kept,
            cancellation);
        if (kept)
        {
            // Before the topics are told: a test listens to it to end the process between the two.
            metrics.Wrote(record!.EventCount);
            dispatcher.Notify(record.Topics);
        }

        return result;
    }

    /// <summary>Whole milliseconds: what both databases store and what clients see.</summary>
    private DateTimeOffset Now()
    {
        var now = time.GetUtcNow();
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMillisecond));
    }
}
