namespace Clinic.Errors;

/// <summary>The stable codes of <c>docs/errors.md</c>, the same on the hub and in problem details.</summary>
internal static class ErrorCode
{
    /// <summary>No token, or one that is wrong or expired. 401.</summary>
    public const string Unauthenticated = "unauthenticated";

    /// <summary>The caller may not do this. 403.</summary>
    public const string Forbidden = "forbidden";

    /// <summary>There is no such thing, or none that the caller may know of. 404.</summary>
    public const string NotFound = "not_found";

    /// <summary>
    /// The request is not one that can be served: a field is missing, malformed or unknown. 400; 405 and 415 for a wrong method or content type; 422 for a key
    /// that came with another body.
    /// </summary>
    public const string Invalid = "invalid";

    /// <summary>Too many calls. 429, with <c>Retry-After</c>.</summary>
    public const string RateLimited = "rate_limited";

    /// <summary>Something is larger or more than its limit. 413 for a body.</summary>
    public const string LimitExceeded = "limit_exceeded";

    /// <summary>It contradicts what is stored or under way. 409.</summary>
    public const string Conflict = "conflict";

    /// <summary>A part of the system can't be reached at the moment; trying again later is safe. 503, with <c>Retry-After</c>.</summary>
    public const string Unavailable = "unavailable";

    /// <summary>A bug of ours. 500; the answer's <c>traceId</c> finds it in the log.</summary>
    public const string Internal = "internal";
}
