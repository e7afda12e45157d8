using Clinic.Records;
using FluentValidation;

namespace Clinic.Charts;

/// <summary>That a chart is restricted, or not.</summary>
/// <param name="PatientId">The patient.</param>
/// <param name="Restricted">Whether only the care team opens it without a reason.</param>
/// <param name="CareTeam">Users, in the order of their ids; they are kept while it is not restricted.</param>
/// <param name="ChangedBy">Who changed it last; null when nobody ever did.</param>
/// <param name="ChangedAt">When.</param>
/// <param name="Version">Rises by one with each change.</param>
internal sealed record Restriction(
    string PatientId, bool Restricted, IReadOnlyList<string> CareTeam, string? ChangedBy, DateTimeOffset? ChangedAt, int Version);

/// <summary>A restriction with how it came about.</summary>
/// <param name="PatientId">As in <see cref="Restriction"/>, and so on.</param>
/// <param name="Restricted">As there.</param>
/// <param name="CareTeam">As there.</param>
/// <param name="Version">As there.</param>
/// <param name="Items">The changes, or a part of them, in their order.</param>
/// <param name="Next">The cursor of the part after it; null at the end.</param>
internal sealed record RestrictionHistory(
    string PatientId, bool Restricted, IReadOnlyList<string> CareTeam, int Version, IReadOnlyList<RestrictionEntry> Items, string? Next);

/// <summary>What a change made of a restriction.</summary>
internal sealed record RestrictionEntry(int Version, bool Restricted, IReadOnlyList<string> CareTeam, string ChangedBy, DateTimeOffset ChangedAt);

/// <summary>The data of <c>restriction:changed</c>. Who is of the care team is nobody's business but theirs who may change it.</summary>
internal sealed record RestrictionChanged(string PatientId, bool Restricted);

/// <summary>The body that changes a restriction; what is left out, or null, stays as it is.</summary>
internal sealed record RestrictionChange(bool? Restricted, IReadOnlyList<string?>? CareTeam)
{
    /// <summary>Users of a care team.</summary>
    public const int MaxCareTeam = 200;

    /// <summary>What is asked of it.</summary>
    public sealed class Validator : AbstractValidator<RestrictionChange>
    {
        public Validator()
        {
            RuleFor(r => r).Must(r => r.Restricted is not null || r.CareTeam is not null).WithMessage("Must have restricted, careTeam or both.");
            RuleFor(r => r.CareTeam)
                .Must(t => t is null || t.Count <= MaxCareTeam).WithMessage($"Must be at most {MaxCareTeam} users.")
                .Must(t => t is null || t.Distinct(StringComparer.Ordinal).Count() == t.Count).WithMessage("Must name each user once.");
            RuleForEach(r => r.CareTeam).NotNull().IsIdentifier();
        }
    }
}
