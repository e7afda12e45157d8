using System.Data.Common;
using System.Text.Json;
using Dapper;

namespace Clinic.Demo;

/// <summary>What a sample clinic has from its first day on: patients with charts, threads, tasks, results, orders and notifications.</summary>
internal static class DemoRecords
{
    private const string PatientSql = """
        insert into patient (tenant, id, name, birth_date, created_by, created_at) values (@Tenant, @id, @name, @birthDate, @by, @now)
        on conflict (tenant, id) do nothing
        """;

    private const string VitalsSql = """
        insert into patient_vitals
            (tenant, patient_id, systolic, diastolic, heart_rate, temperature, oxygen_saturation, weight, updated_by, updated_at, version)
        values (@Tenant, @id, @systolic, 80, @heartRate, 36.8, 98, 70, @by, @now, 1)
        on conflict (tenant, patient_id) do nothing
        """;

    private const string AllergySql = """
        insert into patient_allergy (tenant, patient_id, id, substance, reaction, severity, added_by, added_at)
        values (@Tenant, @id, 'demo-allergy', 'Sample substance', 'Sample rash', 'mild', @by, @now)
        on conflict (tenant, patient_id, id) do nothing
        """;

    private const string MedicationSql = """
        insert into patient_medication (tenant, patient_id, id, name, dose, frequency, added_by, added_at)
        values (@Tenant, @id, 'demo-medication', 'Sample tablet', '10 mg', 'once a day', @by, @now)
        on conflict (tenant, patient_id, id) do nothing
        """;

    private const string RestrictionSql = """
        insert into chart_restriction (tenant, patient_id, restricted, changed_by, changed_at, version) values (@Tenant, @id, @restricted, @by, @now, 1)
        on conflict (tenant, patient_id) do nothing
        """;

    private const string RestrictionChangeSql = """
        insert into chart_restriction_change (tenant, patient_id, version, restricted, care_team, changed_by, changed_at)
        values (@Tenant, @id, 1, @restricted, @careTeam, @by, @now)
        on conflict (tenant, patient_id, version) do nothing
        """;

    private const string CareTeamSql = """
        insert into chart_care_team (tenant, patient_id, user_id) values (@Tenant, @id, @user)
        on conflict (tenant, patient_id, user_id) do nothing
        """;

    private const string TaskSql = """
        insert into task (tenant, id, title, assigned_to, due_at, priority, status, created_by, created_at, updated_at, version)
        values (@Tenant, @id, @title, @to, @due, @priority, @status, @by, @at, @at, 1)
        on conflict (tenant, id) do nothing
        """;

    private const string ResultSql = """
        insert into lab_result
            (tenant, id, patient_id, ordered_by, test, value, unit, status, abnormal, created_by, created_at, updated_at, version)
        values (@Tenant, @id, @patient, @to, @test, @value, @unit, @status, @abnormal, @by, @at, @at, 1)
        on conflict (tenant, id) do nothing
        """;

    private const string OrderSql = """
        insert into patient_order
            (tenant, id, patient_id, provider_id, kind, details, priority, status, created_by, created_at, updated_at, version)
        values (@Tenant, @id, @patient, @to, @kind, 'Made up for the sample clinic.', @priority, @status, @by, @at, @at, 1)
        on conflict (tenant, id) do nothing
        """;

    private const string NotificationSql = """
        insert into notification
            (tenant, id, user_id, kind, priority, title, body, link, requires_ack, created_by, created_at, acknowledged_at, acknowledged_by)
        values (@Tenant, @id, @to, @kind, @priority, @title, @body, @link, @requiresAck, @by, @at, null, null)
        on conflict (tenant, id) do nothing
        """;

    // After everything that counts: what is unread is what the rows above say.
    private const string UnreadSql = """
        insert into unread (tenant, user_id, messages, notifications)
        select @Tenant, u.user_id,
            coalesce((select sum(p.unread) from thread_participant p where p.tenant = @Tenant and p.user_id = u.user_id), 0),
            (select count(*) from notification n where n.tenant = @Tenant and n.user_id = u.user_id and n.acknowledged_at is null)
        from (select user_id from thread_participant where tenant = @Tenant
            union select user_id from notification where tenant = @Tenant) u
        where true
        on conflict (tenant, user_id) do nothing
        """;

    /// <summary>Writes the first patient of a clinic, which is the mark that the clinic has been written.</summary>
    /// <returns>Whether it is new. Another host that is writing it is waited for.</returns>
    public static async Task<bool> BeginAsync(DbTransaction transaction, DemoClinic clinic, DateTimeOffset now) =>
        await AddPatientAsync(transaction, clinic, 1, now) == 1;

    /// <summary>Writes everything that is not of one day.</summary>
    public static async Task WriteAsync(DbTransaction transaction, DemoClinic clinic, DateTimeOffset now)
    {
        for (var number = 2; number <= DemoClinic.Patients; number++)
        {
            await AddPatientAsync(transaction, clinic, number, now);
        }

        for (var number = 1; number <= 4; number++)
        {
            var chart = new
            {
                clinic.Tenant, id = DemoClinic.PatientId(number), systolic = 112 + (6 * number), heartRate = 62 + (4 * number), by = DemoClinic.Nurse, now,
            };
            await RunAsync(transaction, VitalsSql, chart);
            await RunAsync(transaction, number % 2 == 0 ? AllergySql : MedicationSql, chart);
        }

        await RestrictAsync(transaction, clinic, now);
        await DemoThreads.WriteAsync(transaction, clinic, now);
        await AddWorkAsync(transaction, clinic, now);
        await RunAsync(transaction, UnreadSql, new { clinic.Tenant });
    }

    /// <summary>Runs one statement of the sample data.</summary>
    public static Task<int> RunAsync(DbTransaction transaction, string sql, object parameters) =>
        transaction.Connection!.ExecuteAsync(sql, parameters, transaction);

    private static Task<int> AddPatientAsync(DbTransaction transaction, DemoClinic clinic, int number, DateTimeOffset now) =>
        RunAsync(
            transaction,
            PatientSql,
            new
            {
                clinic.Tenant,
                id = DemoClinic.PatientId(number),
                name = $"Patient Sample {number}",
                birthDate = $"{1940 + (7 * number)}-01-01",
                by = DemoClinic.Desk,
                now,
            });

    /// <summary>One chart that only a provider and a nurse open without a reason.</summary>
    private static async Task RestrictAsync(DbTransaction transaction, DemoClinic clinic, DateTimeOffset now)
    {
        string[] team = [DemoClinic.Nurse, DemoClinic.Provider];
        var restriction = new
        {
            clinic.Tenant,
            id = DemoClinic.PatientId(DemoClinic.Restricted),
            restricted = true,
            careTeam = JsonSerializer.Serialize(team),
            by = DemoClinic.PrivacyOfficer,
            now,
        };
        await RunAsync(transaction, RestrictionSql, restriction);
        await RunAsync(transaction, RestrictionChangeSql, restriction);
        foreach (var user in team)
        {
            await RunAsync(transaction, CareTeamSql, new { restriction.Tenant, restriction.id, user });
        }
    }

    private static async Task AddWorkAsync(DbTransaction transaction, DemoClinic clinic, DateTimeOffset now)
    {
        await AddTaskAsync(1, "Sample task: call the laboratory", DemoClinic.Nurse, "high", "open");
        await AddTaskAsync(2, "Sample task: order supplies", DemoClinic.Desk, "normal", "in_progress");
        await AddTaskAsync(3, "Sample task: check the crash cart", null, "low", "open");
        await AddTaskAsync(4, "Sample task: print the lists", DemoClinic.Desk, "low", "done");
        await AddResultAsync(1, DemoClinic.Provider, "Sample test A", "5.1", "mmol/L", "final", "normal");
        await AddResultAsync(2, DemoClinic.Provider, "Sample test B", "6.9", "mmol/L", "final", "critical");
        await AddResultAsync(3, DemoClinic.OtherProvider, "Sample test C", "trace", "", "preliminary", "abnormal");
        await AddOrderAsync(1, DemoClinic.Provider, "sample x-ray", "urgent", "new");
        await AddOrderAsync(2, DemoClinic.OtherProvider, "sample blood count", "normal", "in_progress");
        await NotifyAsync(1, DemoClinic.Nurse, "task_assigned", "high", "Task assigned to you", "Sample task: call the laboratory", "/tasks/demo-task-1");
        await NotifyAsync(2, DemoClinic.Provider, "lab_result_ready", "normal", "Result: Sample test A", "5.1 mmol/L (final)", "/patients/patient-1");
        await NotifyAsync(
            3, DemoClinic.Provider, "lab_result_ready", "urgent", "Critical result: Sample test B", "6.9 mmol/L (final)", "/patients/patient-2", true);
        await NotifyAsync(4, DemoClinic.OtherProvider, "lab_result_ready", "high", "Abnormal result: Sample test C", "trace (preliminary)", "/patients/patient-3");
        await NotifyAsync(5, DemoClinic.Provider, "order_new", "urgent", "New order: sample x-ray", "From Nurse Example 1", "/orders/demo-order-1");

        Task AddTaskAsync(int number, string title, string? to, string priority, string status) => RunAsync(
            transaction,
            TaskSql,
            new { clinic.Tenant, id = $"demo-task-{number}", title, to, due = now.AddHours(8 * number), priority, status, by = DemoClinic.OtherNurse, at = At(number) });

        Task AddResultAsync(int number, string to, string test, string value, string unit, string status, string abnormal) => RunAsync(
            transaction,
            ResultSql,
            new
            {
                clinic.Tenant, id = $"demo-result-{number}", patient = DemoClinic.PatientId(number), to, test, value, unit, status, abnormal,
                by = DemoClinic.OtherNurse, at = At(number),
            });

        Task AddOrderAsync(int number, string to, string kind, string priority, string status) => RunAsync(
            transaction,
            OrderSql,
            new { clinic.Tenant, id = $"demo-order-{number}", patient = DemoClinic.PatientId(number), to, kind, priority, status, by = DemoClinic.Nurse, at = At(number) });

        Task NotifyAsync(int number, string to, string kind, string priority, string title, string body, string link, bool requiresAck = false) => RunAsync(
            transaction,
            NotificationSql,
            new { clinic.Tenant, id = $"demo-notification-{number}", to, kind, priority, title, body, link, requiresAck, by = DemoClinic.OtherNurse, at = At(number) });

        DateTimeOffset At(int number) => now.AddMinutes(-12 * number);
    }
}
