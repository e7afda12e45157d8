using Clinic.Storage;
using Dapper;

namespace Clinic.Records;

/// <summary>
/// Remembers what writes with an <c>Idempotency-Key</c> answered. A reservation is committed before the write and finished in the write's
/// own transaction, so that of any number of repeats, on any hosts, one is done, and its answer is stored if and only if its record is.
/// </summary>
internal sealed partial class IdempotencyStore(ClinicDatabase database, TimeProvider time, ILogger<IdempotencyStore> logger)
{
    /// <summary>For how long an answer is remembered.</summary>
    public static readonly TimeSpan Remember = TimeSpan.FromHours(24);

    /// <summary>After how long a reservation counts as left behind by a crash, and may be taken over; on SQLite the next start is enough.</summary>
    public static readonly TimeSpan ReservationLifetime = TimeSpan.FromSeconds(60);

    // While a write is under way its row's response is the reservation's own mark, which tells it from a later one of the same key.
    private const string ReserveSql = """
        insert into idempotency (tenant, caller, route, key, body_hash, status, response, location, created_at, expires_at)
        values (@Tenant, @Caller, @Route, @Key, @BodyHash, null, @mark, null, @now, @expires)
        on conflict (tenant, caller, route, key) do update
            set body_hash = excluded.body_hash, status = null, response = excluded.response, location = null,
                created_at = excluded.created_at, expires_at = excluded.expires_at
            where idempotency.expires_at <= @now
        """;

    // On SQLite this process is the only one: a write that was under way before it started died with the process before.
    private const string OrphanSql = " or (idempotency.status is null and idempotency.created_at < @started)";

    private const string ReadSql = """
        select body_hash, status, response, location
        from idempotency where tenant = @Tenant and caller = @Caller and route = @Route and key = @Key
        """;

    private const string FinishSql = """
        update idempotency set status = @Status, response = @Body, location = @Location, expires_at = @expires
        where tenant = @Tenant and caller = @Caller and route = @Route and key = @Key and status is null and response = @mark
        """;

    private const string ReleaseSql = """
        delete from idempotency
        where tenant = @Tenant and caller = @Caller and route = @Route and key = @Key and status is null and response = @mark
        """;

    private const string ExpireSql = """
        delete from idempotency where (tenant, caller, route, key) in
            (select tenant, caller, route, key from idempotency where expires_at <= @now order by expires_at limit @limit)
        """;

    private readonly string _reserve = database.Provider == StorageProvider.Sqlite ? ReserveSql + OrphanSql : ReserveSql;
    private readonly DateTimeOffset _started = time.GetUtcNow();

    /// <summary>Reserves the key, or says what became of the write that did.</summary>
    public async Task<Reservation> ReserveAsync(IdempotencyKey key, CancellationToken cancellation)
    {
        var mark = Guid.NewGuid().ToString();
        // The row that was in the way may be gone when it is read, because its write was refused: then the key is free.
        while (true)
        {
            var now = time.GetUtcNow();
            var reserved = await database.WriteAsync(
                transaction => transaction.Connection!.ExecuteAsync(
                    _reserve,
                    new { key.Tenant, key.Caller, key.Route, key.Key, key.BodyHash, mark, now, expires = now + ReservationLifetime, started = _started },
                    transaction),
                cancellation);
            if (reserved == 1)
            {
                return new Reservation(ReservationOutcome.Reserved, mark, null);
            }

            var row = await database.ReadAsync(
                connection => connection.QuerySingleOrDefaultAsync<Row>(ReadSql, new { key.Tenant, key.Caller, key.Route, key.Key }),
                cancellation);
            if (row is not null)
            {
                return !row.BodyHash.AsSpan().SequenceEqual(key.BodyHash) ? new Reservation(ReservationOutcome.OtherBody, null, null)
                    : row.Status is not { } status ? new Reservation(ReservationOutcome.UnderWay, null, null)
                    : new Reservation(ReservationOutcome.Answered, null, new StoredAnswer(status, row.Response, row.Location, Replayed: true));
            }
        }
    }

    /// <summary>Stores the answer, in the write's own transaction.</summary>
    /// <returns>False when the reservation was taken over meanwhile: then this write must be undone.</returns>
    public static async Task<bool> FinishAsync(RecordTransaction record, IdempotencyKey key, string mark, StoredAnswer answer) =>
        await record.ExecuteAsync(
            FinishSql,
            new
            {
                key.Tenant,
                key.Caller,
                key.Route,
                key.Key,
                mark,
                answer.Status,
                answer.Body,
                answer.Location,
                expires = record.Now + Remember,
            }) == 1;

    /// <summary>Frees the key of a write that was refused or failed. One whose commit did succeed after all keeps its answer.</summary>
    public async Task ReleaseAsync(IdempotencyKey key, string mark)
    {
        try
        {
            await database.WriteAsync(
                transaction => transaction.Connection!.ExecuteAsync(
                    ReleaseSql, new { key.Tenant, key.Caller, key.Route, key.Key, mark }, transaction),
                CancellationToken.None);
        }
        catch (System.Data.Common.DbException e)
        {
            // The caller learns of the write's own end; the key comes free by itself.
            ReservationLeft(key.Tenant, key.Route, e);
        }
    }

    /// <summary>Deletes what is no longer remembered, at most <paramref name="limit"/> rows.</summary>
    /// <returns>How many were deleted.</returns>
    public Task<int> ExpireAsync(int limit, CancellationToken cancellation) =>
        database.WriteAsync(
            transaction => transaction.Connection!.ExecuteAsync(ExpireSql, new { now = time.GetUtcNow(), limit }, transaction), cancellation);

    [LoggerMessage(11, LogLevel.Warning, "A reservation of an idempotency key of {Tenant} for {Route} could not be freed; it expires within a minute.")]
    private partial void ReservationLeft(string tenant, string route, Exception error);

    private sealed class Row
    {
        public byte[] BodyHash { get; init; } = [];

        public int? Status { get; init; }

        public string? Response { get; init; }

        public string? Location { get; init; }
    }
}

/// <summary>How the reservation of a key ended.</summary>
internal enum ReservationOutcome
{
    /// <summary>The write is this caller's to do.</summary>
    Reserved,

    /// <summary>It was done before.</summary>
    Answered,

    /// <summary>It is being done.</summary>
    UnderWay,

    /// <summary>The key was used for something else.</summary>
    OtherBody,
}

/// <summary>What became of the reservation of a key.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Mark">Tells this reservation from a later one; set when reserved.</param>
/// <param name="Answer">What the first answered; set when answered.</param>
internal sealed record Reservation(ReservationOutcome Outcome, string? Mark, StoredAnswer? Answer);
