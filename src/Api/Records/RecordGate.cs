using Clinic.Errors;
using Clinic.Security;
using Clinic.Topics;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Clinic.Records;

/// <summary>
/// What every record route asks of a request before anything of it is read: a member of the staff, and ids in the path that can exist.
/// </summary>
internal static class RecordGate
{
    /// <summary>Above the largest body, so that one that is read twice stays in memory.</summary>
    private const int BufferBytes = 512 * 1024;

    /// <summary>Wraps an endpoint.</summary>
    public static void Guard(EndpointBuilder endpoint)
    {
        if (endpoint.RequestDelegate is { } next)
        {
            endpoint.RequestDelegate = context => PassAsync(context, next);
        }
    }

    private static Task PassAsync(HttpContext context, RequestDelegate next)
    {
        var caller = context.Caller();
        if (caller.User is null)
        {
            return Problems.Invalid("X-User", "Names the user on whose behalf the record is read or written.").ExecuteAsync(context);
        }

        if (!caller.IsService && !caller.IsStaff())
        {
            return Problems.Forbidden("Records are for the clinic's staff.").ExecuteAsync(context);
        }

        if (!TryReadIds(context))
        {
            return Problems.NotFound().ExecuteAsync(context);
        }

        if (context.Request.Headers.ContainsKey(IdempotencyKey.Header))
        {
            // The body is bound as usual and then read again for its hash.
            context.Request.EnableBuffering(BufferBytes);
        }

        return next(context);
    }

    /// <summary>
    /// The server leaves an escaped slash in a path as it came, while everything else is unescaped; an id may hold one, so ids are taken
    /// from the request line where they have one.
    /// </summary>
    /// <returns>False when one of them can't be an id.</returns>
    public static bool TryReadIds(HttpContext context)
    {
        var values = context.Request.RouteValues;
        var pattern = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.PathSegments ?? [];
        var raw = context.Features.Get<IHttpRequestFeature>()?.RawTarget.Split('?')[0].Split('/') ?? [];
        // Counted from the end: a path base stands before the pattern. A trailing slash would shift it.
        var shift = raw.Length - pattern.Count - (raw is [.., ""] ? 1 : 0);
        for (var i = 0; i < pattern.Count; i++)
        {
            if (pattern[i].Parts is not [RoutePatternParameterPart parameter])
            {
                continue;
            }

            var id = values[parameter.Name] as string;
            if (id?.Contains("%2F", StringComparison.OrdinalIgnoreCase) == true && shift >= 0)
            {
                values[parameter.Name] = id = Uri.UnescapeDataString(raw[shift + i]);
            }

            if (!Identifier.IsValid(id))
            {
                return false;
            }
        }

        return true;
    }
}
