using Microsoft.AspNetCore.Http.HttpResults;

namespace Clinic.Errors;

/// <summary>Makes the RFC 9457 answers of the REST routes; each has a stable <c>type</c> and the code of <see cref="ErrorCode"/>.</summary>
internal static class Problems
{
    /// <summary>404.</summary>
    public static ProblemHttpResult NotFound(string detail = "There is no such thing.") =>
        Make(StatusCodes.Status404NotFound, ErrorCode.NotFound, "Not found", detail);

    /// <summary>403.</summary>
    public static ProblemHttpResult Forbidden(string detail) => Make(StatusCodes.Status403Forbidden, ErrorCode.Forbidden, "Forbidden", detail);

    /// <summary>403 for a restricted chart, with a <c>cause</c> by which a client can ask for the reason.</summary>
    public static ProblemHttpResult ReasonRequired() => Make(
        StatusCodes.Status403Forbidden,
        ErrorCode.Forbidden,
        "Forbidden",
        "The patient's chart is restricted. Open it with a reason first.",
        ("cause", Charts.ChartPass.ReasonRequired));

    /// <summary>409; <paramref name="extensions"/> says what it clashes with.</summary>
    public static ProblemHttpResult Conflict(string detail, params (string Name, object? Value)[] extensions) =>
        Make(StatusCodes.Status409Conflict, ErrorCode.Conflict, "Conflict", detail, extensions);

    /// <summary>400 for one field.</summary>
    public static ProblemHttpResult Invalid(string field, string message) =>
        Invalid(new Dictionary<string, string[]> { [field] = [message] });

    /// <summary>400 with a message list per field, in <c>errors</c>.</summary>
    public static ProblemHttpResult Invalid(IReadOnlyDictionary<string, string[]> errors) =>
        Make(
            StatusCodes.Status400BadRequest,
            ErrorCode.Invalid,
            "Invalid request",
            string.Join(" ", errors.SelectMany(e => e.Value.Select(m => $"{e.Key}: {m}"))),
            ("errors", errors));

    /// <summary>422: the same idempotency key or event id came with another content.</summary>
    public static ProblemHttpResult KeyReused(string detail) =>
        Make(StatusCodes.Status422UnprocessableEntity, ErrorCode.Invalid, "Key used before", detail);

    /// <summary>503, with <c>Retry-After</c>.</summary>
    public static RetryLater Unavailable(string detail = "A part of the system can't be reached at the moment. Try again.") =>
        new(Make(StatusCodes.Status503ServiceUnavailable, ErrorCode.Unavailable, "Unavailable", detail), TimeSpan.FromSeconds(1));

    /// <summary>429, with <c>Retry-After</c>.</summary>
    public static RetryLater RateLimited(TimeSpan retryAfter, string detail) =>
        new(Make(StatusCodes.Status429TooManyRequests, ErrorCode.RateLimited, "Too many requests", detail), retryAfter);

    /// <summary>Any other status with its code.</summary>
    public static ProblemHttpResult Make(
        int status, string code, string title, string detail, params (string Name, object? Value)[] extensions)
    {
        var members = extensions.ToDictionary(e => e.Name, e => e.Value);
        members["code"] = code;
        return TypedResults.Problem(detail, statusCode: status, title: title, type: TypeOf(code), extensions: members);
    }

    /// <summary>The stable <c>type</c> of a code.</summary>
    public static string TypeOf(string code) => $"urn:clinic:error:{code}";
}
