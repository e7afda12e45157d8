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
}
