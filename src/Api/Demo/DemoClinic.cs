using Clinic.Security;

namespace Clinic.Demo;

/// <summary>A sample clinic and who works in it; its name and theirs say that they are made up.</summary>
/// <param name="Tenant">The clinic's id.</param>
/// <param name="Name">Its name.</param>
internal sealed record DemoClinic(string Tenant, string Name)
{
    public const string Provider = "provider-1";
    public const string OtherProvider = "provider-2";
    public const string Nurse = "nurse-1";
    public const string OtherNurse = "nurse-2";
    public const string Desk = "desk-1";

    public const string PrivacyOfficer = "privacy-1";

    /// <summary>The number of the patient whose chart is restricted.</summary>
    public const int Restricted = 8;

    /// <summary>Patients of each.</summary>
    public const int Patients = 8;

    /// <summary>Both of them. The same user ids work in both, and are two people.</summary>
    public static IReadOnlyList<DemoClinic> All { get; } =
        [new("demo-north", "Sample Clinic North"), new("demo-south", "Sample Clinic South")];

    /// <summary>The staff of this clinic. They need no record: who somebody is says their token.</summary>
    public IEnumerable<DemoUser> Staff =>
    [
        new(Tenant, Name, Provider, "Dr. Example 1", [Roles.Provider]),
        new(Tenant, Name, OtherProvider, "Dr. Example 2", [Roles.Provider]),
        new(Tenant, Name, Nurse, "Nurse Example 1", [Roles.Nurse]),
        new(Tenant, Name, OtherNurse, "Nurse Example 2", [Roles.Nurse]),
        new(Tenant, Name, Desk, "Front Desk Example", [Roles.Staff]),
        new(Tenant, Name, "admin-1", "Admin Example", [Roles.Admin]),
        new(Tenant, Name, PrivacyOfficer, "Privacy Officer Example", [Roles.PrivacyOfficer]),
    ];

    /// <summary>The id of a patient, counted from 1.</summary>
    public static string PatientId(int number) => $"patient-{number}";
}

/// <summary>Somebody to sign in as: what <c>POST /dev/token</c> wants to know.</summary>
/// <param name="Tenant">The clinic's id.</param>
/// <param name="Clinic">The clinic's name.</param>
/// <param name="User">The user's id.</param>
/// <param name="Name">The user's name.</param>
/// <param name="Roles">The user's roles.</param>
internal sealed record DemoUser(string Tenant, string Clinic, string User, string Name, IReadOnlyList<string> Roles);
