namespace Clinic.Security;

/// <summary>The roles of the contract. All but <see cref="Patient"/> are staff.</summary>
internal static class Roles
{
    public const string Provider = "provider";
    public const string Nurse = "nurse";
    public const string Staff = "staff";
    public const string Admin = "admin";
    public const string PrivacyOfficer = "privacy_officer";
    public const string Patient = "patient";

    /// <summary>Whether somebody with these roles is staff: any role but patient will do, but none at all is not enough.</summary>
    public static bool AreStaff(IReadOnlyList<string> roles) =>
        roles.Any(role => !role.AsSpan().Trim().Equals(Patient, StringComparison.OrdinalIgnoreCase));
}
