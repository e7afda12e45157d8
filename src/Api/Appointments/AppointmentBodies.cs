using Clinic.Records;
using FluentValidation;

namespace Clinic.Appointments;

/// <summary>The body that makes an appointment.</summary>
internal sealed record NewAppointment(string? PatientId, string? ProviderId, DateTimeOffset? StartsAt, int? DurationMinutes, string? Reason)
{
    /// <summary>Minutes of a day; a longer stay is not an appointment.</summary>
    public const int MaxMinutes = 24 * 60;

    /// <summary>Characters of a reason.</summary>
    public const int MaxReason = 500;

    /// <summary>What is asked of it.</summary>
    public sealed class Validator : AbstractValidator<NewAppointment>
    {
        public Validator()
        {
            RuleFor(a => a.PatientId).NotNull().IsIdentifier();
            RuleFor(a => a.ProviderId).NotNull().IsIdentifier();
            RuleFor(a => a.StartsAt).NotNull();
            RuleFor(a => a.DurationMinutes).NotNull().InclusiveBetween(1, MaxMinutes);
            RuleFor(a => a.Reason).NotNull().IsText(0, MaxReason);
        }
    }
}

/// <summary>The body that changes an appointment; what is left out, or null, stays as it is.</summary>
internal sealed record AppointmentChange(string? PatientId, string? ProviderId, DateTimeOffset? StartsAt, int? DurationMinutes, string? Reason)
{
    /// <summary>What is asked of it.</summary>
    public sealed class Validator : AbstractValidator<AppointmentChange>
    {
        public Validator()
        {
            RuleFor(a => a).Must(a => a != new AppointmentChange(null, null, null, null, null)).WithMessage("Must change at least one field.");
            RuleFor(a => a.PatientId).IsIdentifier();
            RuleFor(a => a.ProviderId).IsIdentifier();
            RuleFor(a => a.DurationMinutes).InclusiveBetween(1, NewAppointment.MaxMinutes);
            RuleFor(a => a.Reason).IsText(0, NewAppointment.MaxReason);
        }
    }
}

/// <summary>The body that changes an appointment's status.</summary>
internal sealed record StatusChange(string? Status)
{
    /// <summary>What is asked of it.</summary>
    public sealed class Validator : AbstractValidator<StatusChange>
    {
        public Validator() =>
            RuleFor(a => a.Status).NotNull().IsOneOf(AppointmentStatus.All);
    }
}

/// <summary>The data of <c>patient:checked_in</c>.</summary>
internal sealed record PatientCheckedIn(string AppointmentId, string PatientId, string ProviderId, DateTimeOffset StartsAt, DateTimeOffset At);
