using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Clinic.Errors;

/// <summary>A problem that passes, with the whole seconds after which another try makes sense.</summary>
internal sealed class RetryLater(ProblemHttpResult problem, TimeSpan after) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(after.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        return problem.ExecuteAsync(httpContext);
    }
}
