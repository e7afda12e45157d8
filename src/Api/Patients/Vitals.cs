using FluentValidation;

namespace Clinic.Patients;

/// <summary>The last value measured of each vital sign; null where none was.</summary>
internal record Vitals
{
    /// <summary>Columns of the table, in any query that brings one of these.</summary>
    public const string Columns =
        "patient_id, systolic, diastolic, heart_rate, temperature, oxygen_saturation, weight, updated_by, updated_at, version";

    public string PatientId { get; init; } = "";

    /// <summary>Blood pressure, mmHg.</summary>
    public int? Systolic { get; init; }

    /// <summary>Blood pressure, mmHg.</summary>
    public int? Diastolic { get; init; }

    /// <summary>Beats a minute.</summary>
    public int? HeartRate { get; init; }

    /// <summary>Degrees Celsius.</summary>
    public double? Temperature { get; init; }

    /// <summary>Percent.</summary>
    public double? OxygenSaturation { get; init; }

    /// <summary>Kilograms.</summary>
    public double? Weight { get; init; }

    public string UpdatedBy { get; init; } = "";

    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Rises by one with each change.</summary>
    public int Version { get; init; }
}

/// <summary>The vitals after a write, and who else has the chart open.</summary>
internal sealed record WrittenVitals : Vitals
{
    public WrittenVitals(Vitals vitals, IReadOnlyList<ChartViewer>? viewers)
        : base(vitals) => Viewers = viewers;

    /// <summary>Null when it is not known at the moment.</summary>
    public IReadOnlyList<ChartViewer>? Viewers { get; }
}

/// <summary>The body that enters vital signs; what is left out, or null, stays as it is. Units as in <see cref="Vitals"/>.</summary>
internal sealed record VitalsChange(
    int? Systolic, int? Diastolic, int? HeartRate, double? Temperature, double? OxygenSaturation, double? Weight)
{
    /// <summary>What is asked of it. The ranges refuse slips of the pen and other units, not what is merely alarming.</summary>
    public sealed class Validator : AbstractValidator<VitalsChange>
    {
        public Validator()
        {
            RuleFor(v => v).Must(v => v != new VitalsChange(null, null, null, null, null, null)).WithMessage("Must have at least one value.");
            RuleFor(v => v.Systolic).InclusiveBetween(20, 350).WithMessage("Must be from 20 to 350 mmHg.");
            RuleFor(v => v.Diastolic).InclusiveBetween(10, 250).WithMessage("Must be from 10 to 250 mmHg.");
            RuleFor(v => v.HeartRate).InclusiveBetween(0, 400).WithMessage("Must be from 0 to 400 beats a minute.");
            RuleFor(v => v.Temperature).InclusiveBetween(15, 46).WithMessage("Must be from 15 to 46 degrees Celsius.");
            RuleFor(v => v.OxygenSaturation).InclusiveBetween(0, 100).WithMessage("Must be from 0 to 100 percent.");
            RuleFor(v => v.Weight).InclusiveBetween(0.1, 700).WithMessage("Must be from 0.1 to 700 kilograms.");
        }
    }
}
