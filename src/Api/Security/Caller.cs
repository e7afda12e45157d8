namespace Clinic.Security;

/// <summary>Who is calling, as the token or the service key says; never taken from a body, a path or a topic.</summary>
/// <param name="Tenant">The clinic.</param>
/// <param name="User">The user; null for a backend that speaks for nobody.</param>
/// <param name="Name">The user's name; the id when the token has none.</param>
/// <param name="Roles">The user's roles.</param>
/// <param name="IsService">True for a backend with a service key.</param>
internal sealed record Caller(string Tenant, string? User, string Name, IReadOnlyList<string> Roles, bool IsService)
{
    /// <summary>The role shown to others: the first of the token, or <c>staff</c>.</summary>
    public string Role => Roles.Count > 0 ? Roles[0] : Security.Roles.Staff;

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
}
