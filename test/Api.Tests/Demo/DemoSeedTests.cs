using System.Net;
using Clinic.Databases;
using Clinic.Records;
using Clinic.Storage;
using Dapper;
using Microsoft.Extensions.Time.Testing;

namespace Clinic.Demo;

public sealed class DemoSeedOnSqliteTests(SqliteRecordApp app) : DemoSeedTests(app), IClassFixture<SqliteRecordApp>;

public sealed class DemoSeedOnPostgreSqlTests(PostgreSqlRecordApp app) : DemoSeedTests(app), IClassFixture<PostgreSqlRecordApp>;

public abstract class DemoSeedTests(RecordApp app)
{
    private static readonly string[] Tables =
    [
        "patient", "patient_vitals", "patient_allergy", "patient_medication", "appointment", "thread", "thread_participant", "message",
        "message_read", "unread", "task", "lab_result", "patient_order", "notification", "chart_restriction",
        "chart_restriction_change", "chart_care_team",
    ];

    [Fact]
    public async Task Hosts_that_write_it_at_once_and_again_leave_it_there_once_and_a_new_day_adds_its_appointments_only()
    {
        await using var fresh = await FreshDatabase.CreateAsync(app.Provider);
        var time = new FakeTimeProvider(new DateTimeOffset(2031, 5, 6, 12, 10, 0, TimeSpan.Zero));
        await using var second = new ClinicDatabase(fresh.Options);
        await using var third = new ClinicDatabase(fresh.Options);
        ClinicDatabase[] hosts = [fresh.Database, second, third];

        await Task.WhenAll(hosts.Select(host => Task.Run(() => new DemoSeed(host, time).WriteAsync(CancellationToken.None))));
        var once = await CountAsync(fresh.Database);
        Assert.All(once, count => Assert.True(count.Value > 0, $"Nothing in {count.Key}."));
        Assert.Equal(16, once["demo-north appointment"]);
        Assert.Equal(0, await fresh.Database.ReadAsync(c => c.ExecuteScalarAsync<long>("select count(*) from pending_event")));

        await new DemoSeed(second, time).WriteAsync(CancellationToken.None);
        Assert.Equal(once, await CountAsync(fresh.Database));

        time.Advance(TimeSpan.FromDays(1));
        await new DemoSeed(third, time).WriteAsync(CancellationToken.None);
        foreach (var clinic in DemoClinic.All)
        {
            once[$"{clinic.Tenant} appointment"] *= 2;
        }

        Assert.Equal(once, await CountAsync(fresh.Database));
    }

    [Fact]
    public async Task It_reads_as_if_staff_had_written_it()
    {
        await new DemoSeed(app.Database, app.Time).WriteAsync(CancellationToken.None);
        var nurse = app.As("demo-south", DemoClinic.Nurse, "nurse");

        var day = (await nurse.GetAsync($"/api/appointments?date={app.Time.GetUtcNow():yyyy-MM-dd}")).Expect(HttpStatusCode.OK).Json["items"]!.AsArray();
        Assert.Equal(16, day.Count);
        Assert.Contains(day, a => (string?)a!["status"] == "scheduled");
        var patients = (await nurse.GetAsync("/api/patients")).Expect(HttpStatusCode.OK).Json["items"]!.AsArray();
        Assert.Equal(8, patients.Count);
        Assert.Equal(118, (int)(await nurse.GetAsync("/api/patients/patient-1")).Expect(HttpStatusCode.OK).Json["vitals"]!["systolic"]!);
        Assert.Equal(HttpStatusCode.OK, (await nurse.GetAsync("/api/patients/patient-8")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await app.As("demo-south", DemoClinic.OtherNurse, "nurse").GetAsync("/api/patients/patient-8")).Status);
        var officer = app.As("demo-south", DemoClinic.PrivacyOfficer, "privacy_officer");
        Assert.Single((await officer.GetAsync("/api/patients/patient-8/restriction")).Expect(HttpStatusCode.OK).Json["items"]!.AsArray());
        var thread = (await nurse.GetAsync("/api/messaging/demo-thread-1/messages")).Expect(HttpStatusCode.OK).Json["items"]!.AsArray();
        Assert.Equal(3, thread.Count);
        Assert.Single((await nurse.GetAsync("/api/notifications?unacknowledged=true")).Expect(HttpStatusCode.OK).Json["items"]!.AsArray());

        // Two threads have a last message that the nurse has not read; the others count as read.
        (await nurse.PatchAsync($"/api/messages/{thread[1]!["id"]}/read")).Expect(HttpStatusCode.NoContent);
        Assert.Empty(await app.EventsAsync("demo-south"));
        (await nurse.PatchAsync($"/api/messages/{thread[0]!["id"]}/read")).Expect(HttpStatusCode.NoContent);
        var unread = (await app.EventsAsync("demo-south"))[^1];
        Assert.Equal("user:nurse-1 unread:changed", unread.ToString());
        Assert.Equal((1, 1), ((int)unread.Json["messages"]!, (int)unread.Json["notifications"]!));
    }

    private static async Task<Dictionary<string, long>> CountAsync(ClinicDatabase database)
    {
        var counts = new Dictionary<string, long>();
        foreach (var (tenant, table) in DemoClinic.All.SelectMany(clinic => Tables.Select(table => (clinic.Tenant, table))))
        {
            counts[$"{tenant} {table}"] =
                await database.ReadAsync(c => c.ExecuteScalarAsync<long>($"select count(*) from {table} where tenant = @tenant", new { tenant }));
        }

        return counts;
    }
}
