using System.Data.Common;
using System.Globalization;
using Clinic.Appointments;

namespace Clinic.Demo;

/// <summary>A day's appointments of a sample clinic: both providers from 08:00 to 16:00 UTC. Their ids hold the day, so that a day is written once.</summary>
internal static class DemoDay
{
    private const int Slots = 16;

    private const string Sql = """
        insert into appointment
            (tenant, id, patient_id, provider_id, starts_at, duration_minutes, reason, status, created_by, created_at, updated_at, version)
        values (@Tenant, @id, @patient, @provider, @start, 30, @reason, @status, @by, @now, @now, 1)
        on conflict (tenant, id) do nothing
        """;

    /// <summary>Writes the day that <paramref name="now"/> is in.</summary>
    public static async Task WriteAsync(DbTransaction transaction, DemoClinic clinic, DateTimeOffset now)
    {
        var day = new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero);
        for (var slot = 0; slot < Slots; slot++)
        {
            var start = day.AddHours(8).AddMinutes(30 * slot);
            await DemoRecords.RunAsync(
                transaction,
                Sql,
                new
                {
                    clinic.Tenant,
                    id = string.Create(CultureInfo.InvariantCulture, $"demo-{day:yyyyMMdd}-{slot + 1:00}"),
                    patient = DemoClinic.PatientId(1 + (slot % DemoClinic.Patients)),
                    provider = slot % 2 == 0 ? DemoClinic.Provider : DemoClinic.OtherProvider,
                    start,
                    reason = $"Sample reason {slot + 1}",
                    status = Status(start - now, slot),
                    by = DemoClinic.Desk,
                    now,
                });
        }
    }

    private static string Status(TimeSpan ahead, int slot) =>
        ahead > TimeSpan.FromMinutes(30) ? slot % 3 == 0 ? AppointmentStatus.Scheduled : AppointmentStatus.Confirmed
        : ahead > TimeSpan.Zero ? AppointmentStatus.CheckedIn
        : ahead > TimeSpan.FromMinutes(-30) ? AppointmentStatus.InProgress
        : slot % 7 == 3 ? AppointmentStatus.NoShow : AppointmentStatus.Completed;
}
