using Clinic.Records;
using FluentValidation;

namespace Clinic.Patients;

/// <summary>Something a patient does not tolerate.</summary>
internal record Allergy
{
    /// <summary>Columns of the table, in any query that brings one of these.</summary>
    public const string Columns = "id, patient_id, substance, reaction, severity, added_by, added_at";

    public string Id { get; init; } = "";

    public string PatientId { get; init; } = "";

    public string Substance { get; init; } = "";

    public string? Reaction { get; init; }

    public string? Severity { get; init; }

    public string AddedBy { get; init; } = "";

    public DateTimeOffset AddedAt { get; init; }
}

/// <summary>An allergy after it was added, and who else has the chart open.</summary>
internal sealed record WrittenAllergy : Allergy
{
    public WrittenAllergy(Allergy allergy, IReadOnlyList<ChartViewer>? viewers)
        : base(allergy) => Viewers = viewers;

    /// <summary>Null when it is not known at the moment.</summary>
    public IReadOnlyList<ChartViewer>? Viewers { get; }
}

/// <summary>The body that adds an allergy.</summary>
internal sealed record NewAllergy(string? Substance, string? Reaction, string? Severity)
{
    private const int MaxSubstance = 200;
    private const int MaxReaction = 500;
    private const int MaxSeverity = 50;

    /// <summary>What is asked of it.</summary>
    public sealed class Validator : AbstractValidator<NewAllergy>
    {
        public Validator()
        {
            RuleFor(a => a.Substance).NotNull().IsText(1, MaxSubstance);
            RuleFor(a => a.Reaction).IsText(0, MaxReaction);
            RuleFor(a => a.Severity).IsText(0, MaxSeverity);
        }
    }
}
