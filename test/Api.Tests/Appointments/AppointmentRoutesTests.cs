using System.Net;
using System.Text.Json.Nodes;
using Clinic.Records;

namespace Clinic.Appointments;

public sealed class AppointmentRoutesOnSqliteTests(SqliteRecordApp app) : AppointmentRoutesTests(app), IClassFixture<SqliteRecordApp>;

public sealed class AppointmentRoutesOnPostgreSqlTests(PostgreSqlRecordApp app) : AppointmentRoutesTests(app), IClassFixture<PostgreSqlRecordApp>;

public abstract class AppointmentRoutesTests(RecordApp app)
{
    private const string Body =
        """{"patientId":"p1","providerId":"d1","startsAt":"2031-06-01T09:30:00.5+02:00","durationMinutes":30,"reason":"Knee é 🩺"}""";

    private readonly RecordClient _ada = app.As(RecordApp.NewTenant(), "ada", "nurse");

    [Fact]
    public async Task Creating_stores_the_record_and_tells_the_clinic()
    {
        var made = (await _ada.PostAsync("/api/appointments", Body)).Expect(HttpStatusCode.Created);

        Assert.Equal($"/api/appointments/{made.Id}", made.Location);
        AssertJson(
            $$"""
            {"id":"{{made.Id}}","patientId":"p1","providerId":"d1","startsAt":"2031-06-01T07:30:00.500Z","durationMinutes":30,
             "reason":"Knee é 🩺","status":"scheduled","createdBy":"ada","createdAt":"2031-05-06T07:08:09.123Z",
             "updatedAt":"2031-05-06T07:08:09.123Z","version":1}
            """,
            made.Json);
        AssertJson(made.Body, (await _ada.GetAsync(made.Location!)).Expect(HttpStatusCode.OK).Json);
        var created = Assert.Single(await app.EventsAsync(_ada.Tenant));
        Assert.Equal("tenant appointment:created", created.ToString());
        Assert.Equal("ada", created.Author);
        AssertJson(made.Body, created.Json);
    }

    [Fact]
    public async Task Changing_some_fields_leaves_the_others_and_tells_the_clinic()
    {
        var id = await MakeAsync();

        var changed = (await _ada.PatchAsync($"/api/appointments/{id}", """{"durationMinutes":45,"startsAt":"2031-06-02T00:00:00Z"}"""))
            .Expect(HttpStatusCode.OK);

        Assert.Equal(45, (int)changed.Json["durationMinutes"]!);
        Assert.Equal("2031-06-02T00:00:00.000Z", (string?)changed.Json["startsAt"]);
        Assert.Equal("Knee é 🩺", (string?)changed.Json["reason"]);
        Assert.Equal(2, (int)changed.Json["version"]!);
        var updated = await LastEventAsync("tenant appointment:created", "tenant appointment:updated");
        AssertJson(changed.Body, updated.Json);
    }

    [Fact]
    public async Task Changing_the_status_tells_the_clinic_once()
    {
        var id = await MakeAsync();

        var first = (await SetStatusAsync(id, "confirmed")).Expect(HttpStatusCode.OK);
        var again = (await SetStatusAsync(id, "confirmed")).Expect(HttpStatusCode.OK);

        AssertJson(first.Body, again.Json);
        AssertJson(first.Body, (await LastEventAsync("tenant appointment:created", "tenant appointment:updated")).Json);
    }

    [Fact]
    public async Task Checking_in_is_two_events()
    {
        var id = await MakeAsync();

        (await SetStatusAsync(id, "checked_in")).Expect(HttpStatusCode.OK);
        (await SetStatusAsync(id, "checked_in")).Expect(HttpStatusCode.OK);

        var checkedIn = await LastEventAsync("tenant appointment:created", "tenant appointment:updated", "tenant patient:checked_in");
        AssertJson(
            $$"""
            {"appointmentId":"{{id}}","patientId":"p1","providerId":"d1","startsAt":"2031-06-01T07:30:00.500Z","at":"2031-05-06T07:08:09.123Z"}
            """,
            checkedIn.Json);
    }

    [Fact]
    public async Task Deleting_cancels_and_tells_the_clinic_once()
    {
        var id = await MakeAsync();

        (await _ada.DeleteAsync($"/api/appointments/{id}")).Expect(HttpStatusCode.NoContent);
        (await _ada.DeleteAsync($"/api/appointments/{id}")).Expect(HttpStatusCode.NoContent);

        var cancelled = await LastEventAsync("tenant appointment:created", "tenant appointment:cancelled");
        Assert.Equal("cancelled", (string?)cancelled.Json["status"]);
        Assert.Equal(2, (int)cancelled.Json["version"]!);
    }

    [Fact]
    public async Task A_cancelled_appointment_can_not_be_changed()
    {
        var id = await MakeAsync();
        await _ada.DeleteAsync($"/api/appointments/{id}");

        (await _ada.PatchAsync($"/api/appointments/{id}", """{"reason":"x"}""")).ExpectProblem(HttpStatusCode.Conflict, "conflict");
        (await SetStatusAsync(id, "scheduled")).ExpectProblem(HttpStatusCode.Conflict, "conflict");
        (await SetStatusAsync(id, "cancelled")).Expect(HttpStatusCode.OK);

        await LastEventAsync("tenant appointment:created", "tenant appointment:cancelled");
    }

    [Fact]
    public async Task What_does_not_exist_is_not_found_and_tells_nobody()
    {
        (await _ada.GetAsync("/api/appointments/none")).ExpectProblem(HttpStatusCode.NotFound, "not_found");
        (await _ada.PatchAsync("/api/appointments/none", """{"reason":"x"}""")).ExpectProblem(HttpStatusCode.NotFound, "not_found");
        (await SetStatusAsync("none", "confirmed")).ExpectProblem(HttpStatusCode.NotFound, "not_found");
        (await _ada.DeleteAsync("/api/appointments/none")).ExpectProblem(HttpStatusCode.NotFound, "not_found");

        Assert.Empty(await app.EventsAsync(_ada.Tenant));
    }

    [Fact]
    public async Task Another_clinic_neither_sees_nor_changes_it()
    {
        var id = await MakeAsync();
        var eve = app.As(RecordApp.NewTenant(), "ada", "nurse");

        (await eve.GetAsync($"/api/appointments/{id}")).Expect(HttpStatusCode.NotFound);
        (await eve.PatchAsync($"/api/appointments/{id}", """{"reason":"x"}""")).Expect(HttpStatusCode.NotFound);
        (await eve.PatchAsync($"/api/appointments/{id}/status", """{"status":"confirmed"}""")).Expect(HttpStatusCode.NotFound);
        (await eve.DeleteAsync($"/api/appointments/{id}")).Expect(HttpStatusCode.NotFound);

        Assert.Empty((await eve.GetAsync("/api/appointments?date=2031-06-01")).Expect(HttpStatusCode.OK).Json["items"]!.AsArray());
        Assert.Empty(await app.EventsAsync(eve.Tenant));
        await LastEventAsync("tenant appointment:created");
    }

    [Fact]
    public async Task The_list_is_one_day_in_UTC_by_time_page_by_page()
    {
        foreach (var time in new[]
        {
            "2031-07-01T23:59:59.999Z", "2031-07-02T00:00:00Z", "2031-07-02T12:00:00Z", "2031-07-02T12:00:00Z", "2031-07-03T01:59:59.999+02:00",
            "2031-07-02T08:00:00Z", "2031-07-03T00:00:00Z",
        })
        {
            await _ada.PostAsync("/api/appointments", Body.Replace("2031-06-01T09:30:00.5+02:00", time, StringComparison.Ordinal));
        }

        var all = (await _ada.GetAsync("/api/appointments?date=2031-07-02")).Expect(HttpStatusCode.OK).Json;
        Assert.Null(all["next"]);
        Assert.Equal(
            ["2031-07-02T00:00:00.000Z", "2031-07-02T08:00:00.000Z", "2031-07-02T12:00:00.000Z", "2031-07-02T12:00:00.000Z", "2031-07-02T23:59:59.999Z"],
            all["items"]!.AsArray().Select(a => (string?)a!["startsAt"]));

        var paged = new List<JsonNode?>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = (await _ada.GetAsync($"/api/appointments?date=2031-07-02&limit=1{cursor}")).Expect(HttpStatusCode.OK).Json;
            paged.AddRange(page["items"]!.AsArray());
            cursor = page["next"] is { } next ? $"&cursor={next}" : null;
        }

        Assert.Equal(all["items"]!.AsArray().Select(a => a!.ToJsonString()), paged.Select(a => a!.ToJsonString()));
    }

    [Theory]
    [InlineData("?", "date")]
    [InlineData("?date=02.07.2031", "date")]
    [InlineData("?date=2031-02-30", "date")]
    [InlineData("?date=2031-07-02&limit=0", "limit")]
    [InlineData("?date=2031-07-02&limit=201", "limit")]
    [InlineData("?date=2031-07-02&limit=x", "limit")]
    [InlineData("?date=2031-07-02&cursor=x", "cursor")]
    [InlineData("?date=2031-07-02&cursor=%00", "cursor")]
    public async Task A_list_that_is_asked_for_wrongly_names_the_parameter(string query, string field) =>
        (await _ada.GetAsync("/api/appointments" + query)).ExpectProblem(HttpStatusCode.BadRequest, "invalid", field);

    [Theory]
    [InlineData("9999-12-31")]
    [InlineData("0001-01-01")]
    public async Task The_first_and_the_last_day_there_is_can_be_listed(string date) =>
        (await _ada.GetAsync($"/api/appointments?date={date}")).Expect(HttpStatusCode.OK);

    [Theory]
    [InlineData("patientId", "null")]
    [InlineData("patientId", "\"\"")]
    [InlineData("patientId", "\"a\\u0000\"")]
    [InlineData("providerId", "null")]
    [InlineData("startsAt", "null")]
    [InlineData("durationMinutes", "null")]
    [InlineData("durationMinutes", "0")]
    [InlineData("durationMinutes", "1441")]
    [InlineData("reason", "null")]
    [InlineData("reason", "\"a\\u0000\"")]
    public async Task A_wrong_field_is_named_and_nothing_is_stored(string field, string value)
    {
        var body = JsonNode.Parse(Body)!.AsObject();
        body[field] = JsonNode.Parse(value);

        (await _ada.PostAsync("/api/appointments", body.ToJsonString())).ExpectProblem(HttpStatusCode.BadRequest, "invalid", field);
        body.Remove(field);
        (await _ada.PostAsync("/api/appointments", body.ToJsonString())).ExpectProblem(HttpStatusCode.BadRequest, "invalid", field);

        Assert.Equal(0, await app.CountAsync("appointment", _ada.Tenant));
        Assert.Empty(await app.EventsAsync(_ada.Tenant));
    }

    [Theory]
    [InlineData("reason", 500, HttpStatusCode.Created)]
    [InlineData("reason", 501, HttpStatusCode.BadRequest)]
    [InlineData("patientId", 128, HttpStatusCode.Created)]
    [InlineData("patientId", 129, HttpStatusCode.BadRequest)]
    public async Task Texts_have_a_longest_length(string field, int length, HttpStatusCode status)
    {
        var body = JsonNode.Parse(Body)!.AsObject();
        body[field] = new string('x', length);

        (await _ada.PostAsync("/api/appointments", body.ToJsonString())).Expect(status);
    }

    [Theory]
    [InlineData("startsAt", "\"2031-06-01T09:30:00\"")]
    [InlineData("startsAt", "\"2031-06-01\"")]
    [InlineData("startsAt", "1")]
    [InlineData("durationMinutes", "1.5")]
    [InlineData("durationMinutes", "{}")]
    [InlineData("colour", "1")]
    public async Task What_can_not_be_read_is_refused(string field, string value)
    {
        var body = JsonNode.Parse(Body)!.AsObject();
        body[field] = JsonNode.Parse(value);

        (await _ada.PostAsync("/api/appointments", body.ToJsonString())).ExpectProblem(HttpStatusCode.BadRequest, "invalid", field);

        Assert.Equal(0, await app.CountAsync("appointment", _ada.Tenant));
    }

    [Theory]
    [InlineData("{}", "body")]
    [InlineData("""{"reason":null}""", "body")]
    [InlineData("""{"durationMinutes":0}""", "durationMinutes")]
    [InlineData("""{"patientId":"","providerId":"","durationMinutes":5}""", "patientId", "providerId")]
    public async Task A_wrong_change_names_its_fields(string body, params string[] fields)
    {
        var id = await MakeAsync();

        (await _ada.PatchAsync($"/api/appointments/{id}", body)).ExpectProblem(HttpStatusCode.BadRequest, "invalid", fields);
        await LastEventAsync("tenant appointment:created");
    }

    [Theory]
    [InlineData("""{"status":"gone"}""")]
    [InlineData("""{"status":null}""")]
    [InlineData("{}")]
    public async Task A_status_has_to_be_one_of_the_contract(string body)
    {
        var id = await MakeAsync();

        (await _ada.PatchAsync($"/api/appointments/{id}/status", body)).ExpectProblem(HttpStatusCode.BadRequest, "invalid", "status");
    }

    [Fact]
    public async Task Changes_at_the_same_time_are_numbered_without_hole_and_told_in_their_order()
    {
        var id = await MakeAsync();

        await Task.WhenAll(Enumerable.Range(1, 40).Select(async i =>
            (await _ada.PatchAsync($"/api/appointments/{id}", $$"""{"durationMinutes":{{i}}}""")).Expect(HttpStatusCode.OK)));

        Assert.Equal(Enumerable.Range(1, 41), (await app.EventsAsync(_ada.Tenant)).Select(e => (int)e.Json["version"]!));
    }

    private async Task<string> MakeAsync() => (await _ada.PostAsync("/api/appointments", Body)).Expect(HttpStatusCode.Created).Id;

    private Task<Reply> SetStatusAsync(string id, string status) =>
        _ada.PatchAsync($"/api/appointments/{id}/status", $$"""{"status":"{{status}}"}""");

    private async Task<StoredEvent> LastEventAsync(params string[] all)
    {
        var events = await app.EventsAsync(_ada.Tenant);
        Assert.Equal(all, events.Select(e => e.ToString()));
        return events[^1];
    }

    private static void AssertJson(string expected, JsonNode actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), $"Expected {expected}, got {actual.ToJsonString()}");
}
