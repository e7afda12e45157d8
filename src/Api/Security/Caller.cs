using System.Security.Claims;
using Clinic.Topics;

namespace Clinic.Security;

/// <summary>Who is calling, as the token or the service key says; never taken from a body, a path or a topic.</summary>
/// <param name="Tenant">The clinic.</param>
/// <param name="User">The user; null for a backend that speaks for nobody.</param>
/// <param name="Name">The user's name; the id when the token has none that can be shown.</param>
/// <param name="Roles">The user's roles.</param>
/// <param name="IsService">True for a backend with a service key.</param>
internal sealed record Caller(string Tenant, string? User, string Name, IReadOnlyList<string> Roles, bool IsService)
{
    private const int MaxRoles = 64;

    /// <summary>The role shown to others: the first of the token, or <c>staff</c>.</summary>
    public string Role => Roles.Count > 0 ? Roles[0] : Security.Roles.Staff;

    /// <summary>Reads what authentication left.</summary>
    /// <exception cref="InvalidOperationException">The route is not behind authentication.</exception>
    public static Caller From(ClaimsPrincipal principal) =>
        TryFrom(principal) ?? throw new InvalidOperationException("There is no caller: the route is not behind authentication.");

    /// <summary>Reads the claims; null when they don't make a caller.</summary>
    public static Caller? TryFrom(ClaimsPrincipal principal)
    {
        var isService = principal.Identity?.AuthenticationType == ServiceKeyHandler.Scheme;
        if (!TryReadOne(principal, ClaimNames.Tenant, out var tenant)
            || !TryReadOne(principal, ClaimNames.User, out var user)
            || tenant is null
            || (user is null && !isService))
        {
            return null;
        }

        var roles = principal.FindAll(ClaimNames.Roles).Select(claim => claim.Value).Distinct(StringComparer.Ordinal).ToArray();
        if (roles.Length > MaxRoles || !roles.All(Identifier.IsValid))
        {
            return null;
        }

        var name = principal.FindFirst(ClaimNames.Name)?.Value;
        return new Caller(tenant, user, Identifier.IsValid(name) ? name! : user ?? "", roles, isService);
    }

    /// <summary>Whether the caller has any of the roles.</summary>
    public bool Has(params ReadOnlySpan<string> roles)
    {
        foreach (var role in roles)
        {
            if (Roles.Contains(role))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether the caller belongs to the clinic's staff.</summary>
    public bool IsStaff() => Security.Roles.AreStaff(Roles);

    /// <summary>A claim that may be missing, but not be there twice or be no id.</summary>
    private static bool TryReadOne(ClaimsPrincipal principal, string name, out string? value)
    {
        value = null;
        foreach (var claim in principal.FindAll(name))
        {
            if (value is not null || claim.ValueType != ClaimValueTypes.String || !Identifier.IsValid(claim.Value))
            {
                return false;
            }

            value = claim.Value;
        }

        return true;
    }
}
