using Clinic.Errors;
using Microsoft.Extensions.Primitives;

namespace Clinic.Security;

/// <summary>
/// The clinic comes from the token alone. A client that says which one it believes to be in, in a header or in the query, is refused when it is mistaken,
/// on every route alike. A backend names its clinic in the header, and has to.
/// </summary>
internal static class TenantRule
{
    private const string Query = "tenant";

    /// <summary>The middleware: after authentication, ahead of everything that knows a caller.</summary>
    public static Task CheckAsync(HttpContext context, RequestDelegate next)
    {
        if (context.User.Identity?.IsAuthenticated != true)
        {
            return next(context);
        }

        var request = context.Request;
        if (Caller.TryFrom(context.User) is not { } caller)
        {
            return Problems.Invalid(ServiceKeyHandler.TenantHeader, "names the clinic, and a service key needs it").ExecuteAsync(context);
        }

        if (caller.IsService && caller.User is null && request.Headers.ContainsKey(ServiceKeyHandler.UserHeader))
        {
            return Problems.Invalid(ServiceKeyHandler.UserHeader, "is not a user id").ExecuteAsync(context);
        }

        if (Differs(request.Headers[ServiceKeyHandler.TenantHeader], caller) || Differs(request.Query[Query], caller))
        {
            return Problems.Forbidden("The caller belongs to another clinic than the one that was named.").ExecuteAsync(context);
        }

        context.Features.Set(caller);
        return next(context);
    }

    private static bool Differs(StringValues named, Caller caller) => named.Any(tenant => tenant != caller.Tenant);
}
