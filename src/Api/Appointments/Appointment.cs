namespace Clinic.Appointments;

/// <summary>An appointment as clients and events have it.</summary>
internal sealed class Appointment
{
    /// <summary>Columns of the table, in any query that brings one of these.</summary>
    public const string Columns =
        "id, patient_id, provider_id, starts_at, duration_minutes, reason, status, created_by, created_at, updated_at, version";

    public string Id { get; init; } = "";

    public string PatientId { get; init; } = "";

    public string ProviderId { get; init; } = "";

    public DateTimeOffset StartsAt { get; init; }

    public int DurationMinutes { get; init; }

    public string Reason { get; init; } = "";

    /// <summary>One of <see cref="AppointmentStatus"/>.</summary>
    public string Status { get; init; } = "";

    public string CreatedBy { get; init; } = "";

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Rises by one with each change, so that a client can tell which of two copies is newer.</summary>
    public int Version { get; init; }
}
