using Microsoft.AspNetCore.Diagnostics;

namespace Clinic.Errors;

/// <summary>Turns what was thrown into a problem: the request's own fault, an outage, or a bug, of which the caller learns nothing more.</summary>
internal sealed partial class ProblemExceptionHandler(TimeProvider time, ILogger<ProblemExceptionHandler> logger) : IExceptionHandler
{
    private readonly LogThrottle _throttle = new(time);

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        await ProblemOf(httpContext, exception).ExecuteAsync(httpContext);
        return true;
    }

    private IResult ProblemOf(HttpContext context, Exception exception)
    {
        if (exception is BadHttpRequestException bad)
        {
            return bad.StatusCode == StatusCodes.Status400BadRequest ? Problems.Invalid(RequestFault.Describe(bad)) : StatusProblems.For(bad.StatusCode);
        }

        // The pattern, not the path: ids in a path are the clinic's.
        var route = (context.Features.Get<IExceptionHandlerFeature>()?.Endpoint as RouteEndpoint)?.RoutePattern.RawText ?? "(no route)";
        if (Outage.Is(exception))
        {
            if (_throttle.TryPass(out var held))
            {
                Unreachable(logger, context.Request.Method, route, Outage.NameOf(exception), held);
            }

            return Problems.Unavailable();
        }

        Failed(logger, context.Request.Method, route, exception);
        return StatusProblems.For(StatusCodes.Status500InternalServerError);
    }

    [LoggerMessage(1, LogLevel.Warning, "{Method} {Route} was answered 503: {Reason}. So were {Held} requests before.")]
    private static partial void Unreachable(ILogger logger, string method, string route, string reason, int held);

    [LoggerMessage(2, LogLevel.Error, "{Method} {Route} failed.")]
    private static partial void Failed(ILogger logger, string method, string route, Exception exception);
}
