namespace Clinic.Appointments;

/// <summary>The states of an appointment; any may follow any, but nothing follows <see cref="Cancelled"/>.</summary>
internal static class AppointmentStatus
{
    public const string Scheduled = "scheduled";
    public const string Confirmed = "confirmed";
    public const string CheckedIn = "checked_in";
    public const string InProgress = "in_progress";
    public const string Completed = "completed";
    public const string NoShow = "no_show";
    public const string Cancelled = "cancelled";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Scheduled, Confirmed, CheckedIn, InProgress, Completed, NoShow, Cancelled];
}
