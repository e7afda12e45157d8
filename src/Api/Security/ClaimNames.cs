namespace Clinic.Security;

/// <summary>The claims of the contract.</summary>
internal static class ClaimNames
{
    public const string User = "sub";
    public const string Name = "name";
    public const string Tenant = "tenant";
    public const string Roles = "roles";
    public const string Expires = "exp";
}
