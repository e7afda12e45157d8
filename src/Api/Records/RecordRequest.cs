using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using Clinic.Errors;
using Clinic.Security;
using Clinic.Storage;
using Clinic.Topics;
using Dapper;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace Clinic.Records;

/// <summary>A handler's parameter for a request to a record route: who asks, and the ways to read and write records.</summary>
internal sealed class RecordRequest
{
    /// <summary>Repeats of a write that is under way: when to try again.</summary>
    private const string RetryAfterSeconds = "1";

    private readonly HttpContext _context;

    private RecordRequest(HttpContext context)
    {
        _context = context;
        Caller = context.Caller();
    }

    /// <summary>Who asks; always with a user.</summary>
    public Caller Caller { get; }

    /// <summary>The clinic; part of every query.</summary>
    public string Tenant => Caller.Tenant;

    /// <summary>The user who asks, or on whose behalf a backend does.</summary>
    public string User => Caller.User!;

    /// <summary>Ends with the request.</summary>
    public CancellationToken Cancellation => _context.RequestAborted;

    /// <summary>Binds the parameter; the route's own conventions have checked the caller.</summary>
    public static ValueTask<RecordRequest?> BindAsync(HttpContext context) => ValueTask.FromResult<RecordRequest?>(new RecordRequest(context));

    /// <summary>All rows of a query.</summary>
    public Task<IEnumerable<T>> QueryAsync<T>(string sql, object parameters) =>
        ReadAsync(connection => connection.QueryAsync<T>(sql, parameters));

    /// <summary>Reads on a connection of its own.</summary>
    public Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> read) => Service<ClinicDatabase>().ReadAsync(read, Cancellation);

    /// <summary>Runs the write, once for all repeats with the same <c>Idempotency-Key</c>, and makes the answer.</summary>
    public async Task<IResult> WriteAsync(Func<RecordTransaction, Task<RecordAnswer>> write)
    {
        var header = _context.Request.Headers[IdempotencyKey.Header];
        if (header.Count == 0)
        {
            var (answer, stored) = await RunAsync(write, null, null);
            return (IResult?)answer.Refusal ?? stored!;
        }

        if (header.Count > 1 || !Identifier.IsValid(header))
        {
            return Problems.Invalid(IdempotencyKey.Header, $"Must be one text of 1 to {Identifier.MaxLength} characters.");
        }

        return await WriteOnceAsync(write, await ReadKeyAsync(header!));
    }

    /// <summary>Reads the query's <c>limit</c>.</summary>
    public bool TryReadPageSize(out PageSize size, out ProblemHttpResult? problem)
    {
        size = new PageSize(PageSize.Default);
        problem = null;
        if (!_context.Request.Query.TryGetValue("limit", out var text))
        {
            return true;
        }

        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) || limit is < 1 or > PageSize.Max)
        {
            problem = Problems.Invalid("limit", $"Must be a number from 1 to {PageSize.Max}.");
            return false;
        }

        size = new PageSize(limit);
        return true;
    }

    /// <summary>Reads the query's <c>limit</c> and <c>cursor</c>, of a list that is sorted by a time.</summary>
    public bool TryReadPage(out PageSize size, out Cursor? after, out ProblemHttpResult? problem) =>
        TryReadPage<Cursor>(out size, out after, out problem);

    /// <summary>Reads the query's <c>limit</c> and <c>cursor</c>.</summary>
    public bool TryReadPage<TCursor>(out PageSize size, out TCursor? after, out ProblemHttpResult? problem)
        where TCursor : class, ICursor<TCursor>
    {
        after = null;
        if (!TryReadPageSize(out size, out problem))
        {
            return false;
        }

        if (_context.Request.Query.TryGetValue("cursor", out var text) && !TCursor.TryParse(text.ToString(), out after))
        {
            problem = Problems.Invalid("cursor", "Must be the next of an earlier answer.");
            return false;
        }

        return true;
    }

    private async Task<IResult> WriteOnceAsync(Func<RecordTransaction, Task<RecordAnswer>> write, IdempotencyKey key)
    {
        var store = Service<IdempotencyStore>();
        var reservation = await store.ReserveAsync(key, Cancellation);
        switch (reservation.Outcome)
        {
            case ReservationOutcome.Answered:
                Service<RecordMetrics>().Replayed();
                return reservation.Answer!;
            case ReservationOutcome.OtherBody:
                return Problems.KeyReused($"The {IdempotencyKey.Header} was used before with another body.");
            case ReservationOutcome.UnderWay:
                return UnderWay();
        }

        var kept = false;
        try
        {
            var (answer, stored) = await RunAsync(write, key, reservation.Mark);
            kept = stored is not null;
            return (IResult?)stored ?? answer.Refusal ?? UnderWay();
        }
        finally
        {
            if (!kept)
            {
                await store.ReleaseAsync(key, reservation.Mark!);
            }
        }
    }

    /// <summary>The answer, and its stored form when the write was kept.</summary>
    private Task<(RecordAnswer Answer, StoredAnswer? Stored)> RunAsync(
        Func<RecordTransaction, Task<RecordAnswer>> write, IdempotencyKey? key, string? mark) =>
        Service<RecordWriter>().WriteAsync<(RecordAnswer Answer, StoredAnswer? Stored)>(
            Caller,
            async record =>
            {
                var answer = await write(record);
                if (answer.Refusal is not null)
                {
                    return (answer, null);
                }

                var stored = answer.Store(Service<IOptions<JsonOptions>>().Value.SerializerOptions);
                return key is null || await IdempotencyStore.FinishAsync(record, key, mark!, stored) ? (answer, stored) : (answer, null);
            },
            run => run.Stored is not null,
            Cancellation);

    private async Task<IdempotencyKey> ReadKeyAsync(string key)
    {
        var request = _context.Request;
        byte[] hash;
        if (request.Body.CanSeek)
        {
            request.Body.Position = 0;
        }

        hash = await SHA256.HashDataAsync(request.Body, Cancellation);
        return new IdempotencyKey(Tenant, User, $"{request.Method} {request.Path}", key, hash);
    }

    private ProblemHttpResult UnderWay()
    {
        _context.Response.Headers.RetryAfter = RetryAfterSeconds;
        return Problems.Conflict($"A write with this {IdempotencyKey.Header} is under way.");
    }

    private T Service<T>()
        where T : notnull => _context.RequestServices.GetRequiredService<T>();
}
