using Microsoft.AspNetCore.Authorization;

namespace Clinic.Security;

/// <summary>Which kind of caller a route is for. A route that names no policy but asks for authorization takes both kinds.</summary>
internal static class SecurityPolicies
{
    /// <summary>A user with a token.</summary>
    public const string User = "user";

    /// <summary>A backend with a service key.</summary>
    public const string Service = "service";

    /// <summary>Registers them.</summary>
    public static void AddTo(AuthorizationOptions options)
    {
        options.AddPolicy(User, policy => policy.RequireAuthenticatedUser().RequireAssertion(context => !IsService(context)));
        options.AddPolicy(Service, policy => policy.RequireAuthenticatedUser().RequireAssertion(IsService));
    }

    private static bool IsService(AuthorizationHandlerContext context) =>
        context.User.Identity?.AuthenticationType == ServiceKeyHandler.Scheme;
}
