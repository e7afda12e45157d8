using Clinic.Security;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Clinic.Errors;

/// <summary>Gives a body to the refusals that the framework makes with a bare status.</summary>
internal static class StatusProblems
{
    /// <summary>The problem of a status.</summary>
    public static ProblemHttpResult For(int status) => status switch
    {
        401 => Problems.Make(status, ErrorCode.Unauthenticated, "Unauthenticated", "There is no valid token or service key with the request."),
        403 => Problems.Forbidden("The caller may not do this."),
        404 => Problems.NotFound(),
        405 => Problems.Make(status, ErrorCode.Invalid, "Method not allowed", "The route does not know this method."),
        408 => Problems.Make(status, ErrorCode.Invalid, "Request timeout", "The request came too slowly."),
        413 => Problems.Make(status, ErrorCode.LimitExceeded, "Body too large", $"A body has at most {LimitOptions.MaxBodyBytes} bytes."),
        415 => Problems.Make(status, ErrorCode.Invalid, "Unsupported media type", "The body has to be application/json."),
        429 => Problems.Make(status, ErrorCode.RateLimited, "Too many requests", "Slow down."),
        503 => Problems.Make(status, ErrorCode.Unavailable, "Unavailable", "A part of the system can't be reached at the moment. Try again."),
        >= 500 => Problems.Make(status, ErrorCode.Internal, "Internal error", "This is a fault of the server."),
        _ => Problems.Make(status, ErrorCode.Invalid, "Invalid request", "The request can't be understood."),
    };
}
