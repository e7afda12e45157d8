using Clinic.Records;
using FluentValidation;

namespace Clinic.LabResults;

/// <summary>The result of a test in the laboratory, as clients have it.</summary>
internal sealed record LabResult
{
    /// <summary>Columns of the table, in any query that brings one of these.</summary>
    public const string Columns =
        "id, patient_id, ordered_by, test, value, unit, status, abnormal, created_by, created_at, updated_at, version";

    public string Id { get; init; } = "";

    public string PatientId { get; init; } = "";

    /// <summary>The user who is told of it.</summary>
    public string OrderedBy { get; init; } = "";

    public string Test { get; init; } = "";

    /// <summary>As the laboratory wrote it: not every result is a number.</summary>
    public string Value { get; init; } = "";

    public string Unit { get; init; } = "";

    /// <summary>One of <see cref="LabStatus"/>.</summary>
    public string Status { get; init; } = "";

    /// <summary>One of <see cref="Abnormality"/>.</summary>
    public string Abnormal { get; init; } = "";

    public string CreatedBy { get; init; } = "";

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Rises by one with each change.</summary>
    public int Version { get; init; }
}

/// <summary>How definite a result is; any may follow any.</summary>
internal static class LabStatus
{
    public static IReadOnlyList<string> All { get; } = ["preliminary", "final", "corrected"];
}

/// <summary>Whether a result gives cause for concern.</summary>
internal static class Abnormality
{
    public const string Normal = "normal";
    public const string Abnormal = "abnormal";
    public const string Critical = "critical";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Normal, Abnormal, Critical];
}

/// <summary>The body that enters a result.</summary>
internal sealed record NewLabResult(
    string? PatientId, string? OrderedBy, string? Test, string? Value, string? Unit, string? Status, string? Abnormal)
{
    /// <summary>Characters of a value.</summary>
    public const int MaxValue = 200;

    /// <summary>Characters of a unit; a result without one has an empty text.</summary>
    public const int MaxUnit = 50;

    private const int MaxTest = 100;

    /// <summary>What is asked of it.</summary>
    public sealed class Validator : AbstractValidator<NewLabResult>
    {
        public Validator()
        {
            RuleFor(r => r.PatientId).NotNull().IsIdentifier();
            RuleFor(r => r.OrderedBy).NotNull().IsIdentifier();
            RuleFor(r => r.Test).NotNull().IsText(1, MaxTest);
            RuleFor(r => r.Value).NotNull().IsText(1, MaxValue);
            RuleFor(r => r.Unit).NotNull().IsText(0, MaxUnit);
            RuleFor(r => r.Status).NotNull().IsOneOf(LabStatus.All);
            RuleFor(r => r.Abnormal).NotNull().IsOneOf(Abnormality.All);
        }
    }
}

/// <summary>The body that changes a result; what is left out, or null, stays as it is.</summary>
internal sealed record LabResultChange(string? Value, string? Unit, string? Status, string? Abnormal)
{
    /// <summary>What is asked of it.</summary>
    public sealed class Validator : AbstractValidator<LabResultChange>
    {
        public Validator()
        {
            RuleFor(r => r).Must(r => r != new LabResultChange(null, null, null, null)).WithMessage("Must change at least one field.");
            RuleFor(r => r.Value).IsText(1, NewLabResult.MaxValue);
            RuleFor(r => r.Unit).IsText(0, NewLabResult.MaxUnit);
            RuleFor(r => r.Status).IsOneOf(LabStatus.All);
            RuleFor(r => r.Abnormal).IsOneOf(Abnormality.All);
        }
    }
}
