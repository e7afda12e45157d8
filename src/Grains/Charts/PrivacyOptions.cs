using System.ComponentModel.DataAnnotations;
using Clinic.Topics;

namespace Clinic.Charts;

/// <summary>Who answers for privacy: section <c>Privacy</c>.</summary>
public sealed class PrivacyOptions : IValidatableObject
{
    /// <summary>Clinics that may be named.</summary>
    public const int MaxClinics = 10_000;

    /// <summary>Users that may be named for one clinic.</summary>
    public const int MaxUsers = 20;

    /// <summary>
    /// The privacy officers of each clinic, who are notified of every restricted chart that is opened with a reason, online or not. Without them it is only those who are online
    /// with the role. Default none.
    /// </summary>
    public ClinicOfficers[] Officers { get; set; } = [];

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Officers.Length > MaxClinics)
        {
            yield return new ValidationResult($"Privacy__Officers has at most {MaxClinics} clinics.");
        }

        foreach (var (number, clinic) in Officers.Index())
        {
            if (!Identifier.IsValid(clinic.Clinic))
            {
                yield return new ValidationResult($"Privacy__Officers__{number}__Clinic has to be the id of a clinic.");
            }

            if (clinic.Users.Length is 0 or > MaxUsers || clinic.Users.Distinct(StringComparer.Ordinal).Count() < clinic.Users.Length)
            {
                yield return new ValidationResult($"Privacy__Officers__{number}__Users has to name 1 to {MaxUsers} users, each once.");
            }

            if (!clinic.Users.All(Identifier.IsValid))
            {
                yield return new ValidationResult($"Privacy__Officers__{number}__Users has to be ids of users.");
            }
        }

        if (Officers.DistinctBy(c => c.Clinic, StringComparer.Ordinal).Count() < Officers.Length)
        {
            yield return new ValidationResult("Privacy__Officers has to name each clinic once.");
        }
    }
}

/// <summary>The privacy officers of a clinic.</summary>
public sealed class ClinicOfficers
{
    /// <summary>The clinic's id.</summary>
    public string Clinic { get; set; } = "";

    /// <summary>Ids of users.</summary>
    public string[] Users { get; set; } = [];
}
