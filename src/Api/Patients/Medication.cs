using Clinic.Records;
using FluentValidation;

namespace Clinic.Patients;

/// <summary>Something a patient takes.</summary>
internal record Medication
{
    /// <summary>Columns of the table, in any query that brings one of these.</summary>
    public const string Columns = "id, patient_id, name, dose, frequency, added_by, added_at";

    public string Id { get; init; } = "";

    public string PatientId { get; init; } = "";

    public string Name { get; init; } = "";

    public string Dose { get; init; } = "";

    public string? Frequency { get; init; }

    public string AddedBy { get; init; } = "";

    public DateTimeOffset AddedAt { get; init; }
}

/// <summary>A medication after it was added, and who else has the chart open.</summary>
internal sealed record WrittenMedication : Medication
{
    public WrittenMedication(Medication medication, IReadOnlyList<ChartViewer>? viewers)
        : base(medication) => Viewers = viewers;

    /// <summary>Null when it is not known at the moment.</summary>
    public IReadOnlyList<ChartViewer>? Viewers { get; }
}

/// <summary>The body that adds a medication.</summary>
internal sealed record NewMedication(string? Name, string? Dose, string? Frequency)
{
    private const int MaxName = 200;
    private const int MaxDose = 100;
    private const int MaxFrequency = 100;

    /// <summary>What is asked of it.</summary>
    public sealed class Validator : AbstractValidator<NewMedication>
    {
        public Validator()
        {
            RuleFor(m => m.Name).NotNull().IsText(1, MaxName);
            RuleFor(m => m.Dose).NotNull().IsText(1, MaxDose);
            RuleFor(m => m.Frequency).IsText(0, MaxFrequency);
        }
    }
}
