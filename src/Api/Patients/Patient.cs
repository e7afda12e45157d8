using Clinic.Records;
using FluentValidation;

namespace Clinic.Patients;

/// <summary>A patient of the clinic.</summary>
internal record Patient
{
    /// <summary>Columns of the table, in any query that brings one of these.</summary>
    public const string Columns = "id, name, birth_date, created_by, created_at";

    public string Id { get; init; } = "";

    public string Name { get; init; } = "";

    /// <summary>A day, <c>YYYY-MM-DD</c>.</summary>
    public string BirthDate { get; init; } = "";

    public string CreatedBy { get; init; } = "";

    public DateTimeOffset CreatedAt { get; init; }
}

/// <summary>A patient with what their chart says now.</summary>
internal sealed record PatientChart : Patient
{
    public PatientChart(Patient patient, Vitals? vitals, IReadOnlyList<Allergy> allergies, IReadOnlyList<Medication> medications)
        : base(patient) => (Vitals, Allergies, Medications) = (vitals, allergies, medications);

    /// <summary>Null when nothing was measured yet.</summary>
    public Vitals? Vitals { get; }

    /// <summary>In the order in which they were added.</summary>
    public IReadOnlyList<Allergy> Allergies { get; }

    /// <summary>In the order in which they were added.</summary>
    public IReadOnlyList<Medication> Medications { get; }
}

/// <summary>The body that makes a patient.</summary>
internal sealed record NewPatient(string? Id, string? Name, DateOnly? BirthDate)
{
    private const int MaxName = 200;
    private static readonly DateOnly Earliest = new(1850, 1, 1);

    /// <summary>What is asked of it.</summary>
    public sealed class Validator : AbstractValidator<NewPatient>
    {
        public Validator(TimeProvider time)
        {
            RuleFor(p => p.Id).IsIdentifier();
            RuleFor(p => p.Name).NotNull().IsText(1, MaxName);
            // Somewhere it is tomorrow already.
            RuleFor(p => p.BirthDate).NotNull()
                .Must(day => day is null || (day >= Earliest && day <= DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime).AddDays(1)))
                .WithMessage($"Must be a day from {Earliest:yyyy-MM-dd} until today.");
        }
    }
}
