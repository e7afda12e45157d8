using System.Net;
using Clinic.Charts;
using Clinic.Presence;
using Clinic.Records;
using Clinic.Topics;

namespace Clinic.Patients;

public sealed class ChartRoutesOnSqliteTests(SqliteRecordApp app) : ChartRoutesTests(app), IClassFixture<SqliteRecordApp>;

public sealed class ChartRoutesOnPostgreSqlTests(PostgreSqlRecordApp app) : ChartRoutesTests(app), IClassFixture<PostgreSqlRecordApp>;

public abstract class ChartRoutesTests : IDisposable
{
    private readonly RecordApp _app;
    private readonly AskChart _nobody;
    private readonly string _now;
    private readonly RecordClient _ada;
    private readonly ChartStore _charts;

    protected ChartRoutesTests(RecordApp app)
    {
        (_app, _nobody) = (app, app.Ask);
        _now = Rfc3339.Format(app.Time.GetUtcNow());
        _ada = app.As(RecordApp.NewTenant(), "ada", "nurse");
        _charts = new ChartStore(app.Database, app.Time);
    }

    public void Dispose()
    {
        _app.Ask = _nobody;
        // Past the pause after a failure, which would hide the next test's viewers.
        _app.Time.Advance(ChartViewers.Pause);
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Vitals_are_merged_and_told_to_the_patients_topic()
    {
        (await _ada.PatchAsync("/api/patients/p1/vitals", """{"systolic":120,"diastolic":80}""")).Expect(HttpStatusCode.OK);
        var second = (await _ada.PatchAsync(
            "/api/patients/p1/vitals", """{"systolic":118,"heartRate":61,"temperature":36.6,"oxygenSaturation":97.5,"weight":70}""")).Expect(HttpStatusCode.OK);

        var written = $$"""
            {"patientId":"p1","systolic":118,"diastolic":80,"heartRate":61,"temperature":36.6,"oxygenSaturation":97.5,"weight":70,
             "updatedBy":"ada","updatedAt":"{{_now}}","version":2}
            """;
        RecordAssert.SameJson(written.Replace("}", ",\"viewers\":[]}", StringComparison.Ordinal), second.Json);
        var events = await _app.ExpectEventsAsync(_ada.Tenant, "patient:p1 vitals:updated", "patient:p1 vitals:updated");
        RecordAssert.SameJson(written, events[1].Json);
        Assert.All(events, e => Assert.Equal("ada", e.Author));
    }

    [Fact]
    public async Task An_allergy_is_told_to_the_patients_topic()
    {
        var added = (await _ada.PostAsync("/api/patients/p%2F1/allergies", """{"substance":"latex","reaction":"rash","severity":"mild"}""")).Expect(HttpStatusCode.Created);

        var written = $$"""
            {"id":"{{added.Id}}","patientId":"p/1","substance":"latex","reaction":"rash","severity":"mild","addedBy":"ada","addedAt":"{{_now}}"}
            """;
        RecordAssert.SameJson(written.Replace("}", ",\"viewers\":[]}", StringComparison.Ordinal), added.Json);
        RecordAssert.SameJson(written, (await _app.ExpectEventsAsync(_ada.Tenant, "patient:p/1 allergy:added"))[0].Json);
    }

    [Fact]
    public async Task A_medication_is_told_to_the_patients_topic()
    {
        var added = (await _ada.PostAsync("/api/patients/p1/medications", """{"name":"ibuprofen","dose":"400 mg"}""")).Expect(HttpStatusCode.Created);

        var written = $$"""
            {"id":"{{added.Id}}","patientId":"p1","name":"ibuprofen","dose":"400 mg","frequency":null,"addedBy":"ada","addedAt":"{{_now}}"}
            """;
        RecordAssert.SameJson(written.Replace("}", ",\"viewers\":[]}", StringComparison.Ordinal), added.Json);
        RecordAssert.SameJson(written, (await _app.ExpectEventsAsync(_ada.Tenant, "patient:p1 medication:added"))[0].Json);
    }

    [Fact]
    public async Task A_chart_belongs_to_its_clinic()
    {
        (await _ada.PatchAsync("/api/patients/p1/vitals", """{"weight":70}""")).Expect(HttpStatusCode.OK);
        await TakeAsync("p1", "vitals", "bob", 0);
        var elsewhere = _app.As(RecordApp.NewTenant(), "ada", "nurse");

        var theirs = (await elsewhere.PatchAsync("/api/patients/p1/vitals", """{"heartRate":60}""")).Expect(HttpStatusCode.OK);

        Assert.Null(theirs.Json["weight"]);
        await _app.ExpectEventsAsync(elsewhere.Tenant, "patient:p1 vitals:updated");
        await _app.ExpectEventsAsync(_ada.Tenant, "patient:p1 vitals:updated");
    }

    [Fact]
    public async Task A_repeat_with_the_same_key_is_one_write()
    {
        var first = (await _ada.PostAsync("/api/patients/p1/allergies", """{"substance":"latex"}""", "key")).Expect(HttpStatusCode.Created);
        await TakeAsync("p1", "allergies", "bob", 0);
        var again = (await _ada.PostAsync("/api/patients/p1/allergies", """{"substance":"latex"}""", "key")).Expect(HttpStatusCode.Created);

        Assert.Equal((first.Body, true), (again.Body, again.Replayed));
        await _app.ExpectEventsAsync(_ada.Tenant, "patient:p1 allergy:added");
    }

    [Theory]
    [InlineData("vitals", "{}", "body")]
    [InlineData("vitals", """{"weight":null}""", "body")]
    [InlineData("vitals", """{"systolic":19}""", "systolic")]
    [InlineData("vitals", """{"systolic":351}""", "systolic")]
    [InlineData("vitals", """{"diastolic":9}""", "diastolic")]
    [InlineData("vitals", """{"heartRate":-1}""", "heartRate")]
    [InlineData("vitals", """{"heartRate":60.5}""", "heartRate")]
    [InlineData("vitals", """{"temperature":98.6}""", "temperature")]
    [InlineData("vitals", """{"oxygenSaturation":100.1}""", "oxygenSaturation")]
    [InlineData("vitals", """{"weight":0}""", "weight")]
    [InlineData("vitals", """{"weight":1e300,"systolic":0}""", "weight", "systolic")]
    [InlineData("vitals", """{"weight":"70"}""", "weight")]
    [InlineData("vitals", """{"pulse":60}""", "pulse")]
    [InlineData("allergies", "{}", "substance")]
    [InlineData("allergies", """{"substance":""}""", "substance")]
    [InlineData("allergies", """{"substance":"x","severity":"\u0000"}""", "severity")]
    [InlineData("allergies", """{"substance":"x","colour":1}""", "colour")]
    [InlineData("medications", """{"dose":"1"}""", "name")]
    [InlineData("medications", """{"name":"x"}""", "dose")]
    [InlineData("medications", """{"name":"x","dose":"1","frequency":1}""", "frequency")]
    public async Task A_wrong_field_is_named_and_nothing_is_stored(string section, string body, params string[] fields)
    {
        (await WriteAsync(_ada, "p1", section, body)).ExpectProblem(HttpStatusCode.BadRequest, "invalid", fields);

        Assert.Equal(0, await _app.CountAsync("edit_lease", _ada.Tenant));
        await _app.ExpectEventsAsync(_ada.Tenant);
    }

    [Fact]
    public async Task A_chart_has_a_largest_number_of_entries()
    {
        await _app.Database.WriteAsync(async transaction => await Dapper.SqlMapper.ExecuteAsync(
            transaction.Connection!,
            """
            with recursive n(i) as (select 1 union all select i + 1 from n where i < 499)
            insert into patient_allergy (tenant, patient_id, id, substance, added_by, added_at) select @Tenant, 'p1', 'a' || i, 's', 'ada', @now from n
            """,
            new { _ada.Tenant, now = _app.Time.GetUtcNow() },
            transaction));

        (await WriteAsync(_ada, "p1", "allergies")).Expect(HttpStatusCode.Created);
        (await WriteAsync(_ada, "p1", "allergies")).ExpectProblem(HttpStatusCode.Conflict, "limit_exceeded");
        (await WriteAsync(_ada, "p1", "medications")).Expect(HttpStatusCode.Created);
        await _app.ExpectEventsAsync(_ada.Tenant, "patient:p1 allergy:added", "patient:p1 medication:added");
    }

    [Theory]
    [InlineData("vitals")]
    [InlineData("allergies")]
    [InlineData("medications")]
    public async Task While_a_section_is_held_only_its_lease_writes(string section)
    {
        var lease = await TakeAsync("p1", section, "bob", 0);
        var bob = _app.As(_ada.Tenant, "bob", "nurse");
        var heldBy = $$"""{"user":"bob","name":"Dr. bob","since":"{{_now}}"}""";

        foreach (var (client, presented) in new[] { (_ada, null), (_ada, "wrong"), (bob, null), (bob, "wrong"), (_ada, "") })
        {
            var refused = await WriteAsync(client, "p1", section, lease: presented);
            refused.ExpectProblem(HttpStatusCode.Conflict, "conflict");
            RecordAssert.SameJson(heldBy, refused.Json["heldBy"]);
        }

        await _app.ExpectEventsAsync(_ada.Tenant);
        Assert.True((await WriteAsync(bob, "p1", section, lease: lease)).Status is HttpStatusCode.OK or HttpStatusCode.Created);
        foreach (var other in new[] { "vitals", "allergies", "medications" }.Where(s => s != section))
        {
            Assert.True((await WriteAsync(_ada, "p1", other)).Status is HttpStatusCode.OK or HttpStatusCode.Created);
        }

        Assert.True((await WriteAsync(_ada, "p2", section)).Status is HttpStatusCode.OK or HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_lease_that_was_lost_does_not_write_even_when_nobody_holds_the_section()
    {
        var lost = await TakeAsync("p1", "vitals", "ada", 0);
        var lease = await TakeAsync("p1", "vitals", "bob", 1);

        var refused = await WriteAsync(_ada, "p1", "vitals", lease: lost);
        refused.ExpectProblem(HttpStatusCode.Conflict, "conflict");
        Assert.Equal("bob", (string?)refused.Json["heldBy"]!["user"]);

        Assert.True(await _charts.EndEditAsync(Chart("p1"), "vitals", lease, [], CancellationToken.None));
        refused = await WriteAsync(_ada, "p1", "vitals", lease: lost);
        refused.ExpectProblem(HttpStatusCode.Conflict, "conflict");
        Assert.Null(refused.Json["heldBy"]);
        (await WriteAsync(_ada, "p1", "vitals")).Expect(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_section_that_was_written_to_can_be_taken_like_any_other()
    {
        (await WriteAsync(_ada, "p1", "vitals")).Expect(HttpStatusCode.OK);
        Assert.Empty(await _charts.ReadFencesAsync(Chart("p1"), CancellationToken.None));

        var lease = await TakeAsync("p1", "vitals", "bob", 0);

        Assert.Equal(1, (await _charts.ReadFencesAsync(Chart("p1"), CancellationToken.None))["vitals"]);
        (await WriteAsync(_ada, "p1", "vitals", lease: lease)).Expect(HttpStatusCode.OK);
        Assert.Equal(1, (await _charts.ReadFencesAsync(Chart("p1"), CancellationToken.None))["vitals"]);
    }

    [Fact]
    public async Task Who_writes_is_told_who_else_has_the_chart_open()
    {
        TopicId? asked = null;
        _app.Ask = chart =>
        {
            asked = chart;
            return Task.FromResult<IReadOnlyList<PresenceEntry>?>(
                [Entry("cyd", viewing: true), Entry("ada", viewing: true), Entry("bob", viewing: true, "allergies", "vitals"), Entry("dan", viewing: false)]);
        };

        var written = (await WriteAsync(_ada, "p1", "medications")).Expect(HttpStatusCode.Created);

        Assert.Equal(Chart("p1"), asked);
        RecordAssert.SameJson(
            """[{"user":"bob","name":"Dr. bob","editing":["allergies","vitals"]},{"user":"cyd","name":"Dr. cyd"}]""", written.Json["viewers"]);
    }

    [Fact]
    public async Task A_write_goes_on_when_nobody_knows_who_has_the_chart_open()
    {
        var asked = 0;
        _app.Ask = _ => Task.FromResult<IReadOnlyList<PresenceEntry>?>(null);
        await ExpectUnknownAsync();
        _app.Ask = _ =>
        {
            asked++;
            throw new TimeoutException();
        };
        await ExpectUnknownAsync();
        await ExpectUnknownAsync();
        Assert.Equal(1, asked);

        _app.Time.Advance(ChartViewers.Pause);
        await ExpectUnknownAsync();
        Assert.Equal(2, asked);
        await _app.ExpectEventsAsync(_ada.Tenant, [.. Enumerable.Repeat("patient:p1 vitals:updated", 4)]);

        async Task ExpectUnknownAsync()
        {
            var written = (await WriteAsync(_ada, "p1", "vitals")).Expect(HttpStatusCode.OK).Json.AsObject();
            Assert.True(written.ContainsKey("viewers"));
            Assert.Null(written["viewers"]);
        }
    }

    [Fact]
    public async Task A_write_waits_for_the_viewers_no_longer_than_a_moment()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _app.Ask = _ =>
        {
            asked.TrySetResult();
            return new TaskCompletionSource<IReadOnlyList<PresenceEntry>?>().Task;
        };

        var write = WriteAsync(_ada, "p1", "vitals");
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(30));
        _app.Time.Advance(ChartViewers.Limit);

        var written = (await write.WaitAsync(TimeSpan.FromSeconds(30))).Expect(HttpStatusCode.OK);
        Assert.Null(written.Json["viewers"]);
    }

    private static Task<Reply> WriteAsync(RecordClient client, string patient, string section, string? body = null, string? lease = null) => section switch
    {
        "vitals" => client.PatchAsync($"/api/patients/{patient}/vitals", body ?? """{"heartRate":60}""", lease: lease),
        "allergies" => client.PostAsync($"/api/patients/{patient}/allergies", body ?? """{"substance":"latex"}""", lease: lease),
        _ => client.PostAsync($"/api/patients/{patient}/medications", body ?? """{"name":"ibuprofen","dose":"400 mg"}""", lease: lease),
    };

    private async Task<string> TakeAsync(string patient, string section, string user, long fence)
    {
        var edit = new StoredEdit(Chart(patient), section, $"lease {user} {fence}", fence + 1, "c1", user, $"Dr. {user}", _app.Time.GetUtcNow());
        Assert.True(await _charts.TakeEditAsync(edit, fence, [], CancellationToken.None));
        return edit.Lease;
    }

    private TopicId Chart(string patient) => TopicId.ForPatient(_ada.Tenant, patient);

    private PresenceEntry Entry(string user, bool viewing, params string[] editing) => new(
        user, $"Dr. {user}", "nurse", PresenceStatus.Active, 1, _app.Time.GetUtcNow(), viewing ? new ChartView(_app.Time.GetUtcNow(), null) : null, false, editing);
}
