using System.Net;
using System.Text.Json.Nodes;
using Clinic.Records;

namespace Clinic.LabResults;

public sealed class LabResultRoutesOnSqliteTests(SqliteRecordApp app) : LabResultRoutesTests(app), IClassFixture<SqliteRecordApp>;

public sealed class LabResultRoutesOnPostgreSqlTests(PostgreSqlRecordApp app) : LabResultRoutesTests(app), IClassFixture<PostgreSqlRecordApp>;

public abstract class LabResultRoutesTests
{
    private static readonly string[] Told = ["user:bob notification:new", "user:bob unread:changed"];

    private readonly RecordApp _app;
    private readonly string _now;
    private readonly RecordClient _ada;

    protected LabResultRoutesTests(RecordApp app)
    {
        _app = app;
        _now = Rfc3339.Format(app.Time.GetUtcNow());
        _ada = app.As(RecordApp.NewTenant(), "ada", "staff");
    }

    [Theory]
    [InlineData("normal", "normal", false, "Result: Potassium")]
    [InlineData("abnormal", "high", false, "Abnormal result: Potassium")]
    [InlineData("critical", "urgent", true, "Critical result: Potassium")]
    public async Task A_result_is_kept_and_who_ordered_it_notified(string abnormal, string priority, bool requiresAck, string title)
    {
        var made = (await _ada.PostAsync("/api/lab-results", BodyOf("final", abnormal))).Expect(HttpStatusCode.Created);

        Assert.Equal($"/api/lab-results/{made.Id}", made.Location);
        RecordAssert.SameJson(
            $$"""
            {"id":"{{made.Id}}","patientId":"p/1","orderedBy":"bob","test":"Potassium","value":"6.9","unit":"mmol/L","status":"final",
             "abnormal":"{{abnormal}}","createdBy":"ada","createdAt":"{{_now}}","updatedAt":"{{_now}}","version":1}
            """,
            made.Json);
        RecordAssert.SameJson(made.Body, (await _ada.GetAsync(made.Location!)).Expect(HttpStatusCode.OK).Json);
        var notice = (await _app.ExpectEventsAsync(_ada.Tenant, Told))[0].Json.AsObject();
        Assert.True(notice.Remove("id"));
        RecordAssert.SameJson(
            $$"""
            {"kind":"lab_result_ready","priority":"{{priority}}","title":"{{title}}","body":"6.9 mmol/L (final)","link":"/patients/p%2F1",
             "requiresAck":{{(requiresAck ? "true" : "false")}}}
            """,
            notice);
    }

    [Theory]
    [InlineData("preliminary", "normal", """{"status":"final"}""", "normal", false)]
    [InlineData("final", "critical", """{"status":"corrected","value":"4.1","abnormal":"normal"}""", "normal", false)]
    [InlineData("preliminary", "critical", """{"status":"final"}""", "urgent", true)]
    [InlineData("final", "abnormal", """{"status":"final","abnormal":"critical"}""", "urgent", true)]
    [InlineData("final", "normal", """{"abnormal":"critical"}""", "urgent", true)]
    public async Task A_change_of_status_and_a_turn_to_critical_notify(string status, string abnormal, string change, string priority, bool requiresAck)
    {
        var id = await MakeAsync(status, abnormal);

        (await _ada.PatchAsync($"/api/lab-results/{id}", change)).Expect(HttpStatusCode.OK);
        (await _ada.PatchAsync($"/api/lab-results/{id}", change)).Expect(HttpStatusCode.OK);

        var notice = (await _app.ExpectEventsAsync(_ada.Tenant, [.. Told, .. Told]))[2].Json;
        Assert.Equal(
            ("lab_result_ready", priority, requiresAck), ((string?)notice["kind"], (string?)notice["priority"], (bool)notice["requiresAck"]!));
    }

    [Theory]
    [InlineData("final", "normal", """{"value":"7.0","unit":""}""")]
    [InlineData("final", "normal", """{"status":"final","abnormal":"abnormal"}""")]
    [InlineData("final", "critical", """{"abnormal":"normal"}""")]
    [InlineData("final", "critical", """{"abnormal":"critical","value":"7.0"}""")]
    public async Task Any_other_change_notifies_nobody(string status, string abnormal, string change)
    {
        var id = await MakeAsync(status, abnormal);

        var changed = (await _ada.PatchAsync($"/api/lab-results/{id}", change)).Expect(HttpStatusCode.OK);

        Assert.Equal(2, (int)changed.Json["version"]!);
        foreach (var (field, value) in JsonNode.Parse(change)!.AsObject())
        {
            RecordAssert.SameJson(value!.ToJsonString(), changed.Json[field]);
        }

        await _app.ExpectEventsAsync(_ada.Tenant, Told);
    }

    [Fact]
    public async Task Who_ordered_it_and_enters_it_is_notified_too()
    {
        (await _app.As(_ada.Tenant, "bob").PostAsync("/api/lab-results", BodyOf("final", "normal"))).Expect(HttpStatusCode.Created);

        await _app.ExpectEventsAsync(_ada.Tenant, Told);
    }

    [Fact]
    public async Task Of_many_that_make_it_final_at_once_one_notifies()
    {
        var id = await MakeAsync("preliminary", "normal");

        await Task.WhenAll(Enumerable.Range(0, 20).Select(async i => (await _ada.PatchAsync(
            $"/api/lab-results/{id}", $$"""{"status":"final","value":"{{i}}"}""")).Expect(HttpStatusCode.OK)));

        await _app.ExpectEventsAsync(_ada.Tenant, [.. Told, .. Told]);
        Assert.Equal(21, (int)(await _ada.GetAsync($"/api/lab-results/{id}")).Json["version"]!);
    }

    [Fact]
    public async Task A_repeat_with_the_same_key_notifies_once()
    {
        var first = (await _ada.PostAsync("/api/lab-results", BodyOf("final", "critical"), "key")).Expect(HttpStatusCode.Created);
        var again = (await _ada.PostAsync("/api/lab-results", BodyOf("final", "critical"), "key")).Expect(HttpStatusCode.Created);

        Assert.Equal((first.Body, true), (again.Body, again.Replayed));
        await _app.ExpectEventsAsync(_ada.Tenant, Told);
    }

    [Fact]
    public async Task Another_clinic_neither_sees_nor_changes_it()
    {
        var id = await MakeAsync("final", "normal");
        var eve = _app.As(RecordApp.NewTenant(), "ada", "staff");

        foreach (var (client, result) in new[] { (eve, id), (_ada, "none") })
        {
            (await client.GetAsync($"/api/lab-results/{result}")).ExpectProblem(HttpStatusCode.NotFound, "not_found");
            (await client.PatchAsync($"/api/lab-results/{result}", """{"status":"corrected"}""")).ExpectProblem(HttpStatusCode.NotFound, "not_found");
        }

        Assert.Empty(await eve.ReadAllAsync("/api/lab-results?patientId=p%2F1"));
        await _app.ExpectEventsAsync(eve.Tenant);
        await _app.ExpectEventsAsync(_ada.Tenant, Told);
    }

    [Fact]
    public async Task The_list_is_of_one_patient_newest_first()
    {
        var ids = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            ids.Insert(0, await MakeAsync("final", "normal"));
            _app.Time.Advance(TimeSpan.FromMilliseconds(1));
        }

        (await _ada.PostAsync("/api/lab-results", BodyOf("final", "normal").Replace("p/1", "p2", StringComparison.Ordinal))).Expect(HttpStatusCode.Created);

        Assert.Equal(ids, (await _ada.ReadAllAsync("/api/lab-results?patientId=p%2F1", 2)).Select(r => (string)r["id"]!));
    }

    [Theory]
    [InlineData("", "patientId")]
    [InlineData("patientId=", "patientId")]
    [InlineData("patientId=p&limit=0", "limit")]
    [InlineData("patientId=p&cursor=x", "cursor")]
    public async Task A_list_that_is_asked_for_wrongly_names_the_parameter(string query, string field) =>
        (await _ada.GetAsync($"/api/lab-results?{query}")).ExpectProblem(HttpStatusCode.BadRequest, "invalid", field);

    [Theory]
    [InlineData("patientId", "null")]
    [InlineData("orderedBy", "\"\"")]
    [InlineData("test", "\"\"")]
    [InlineData("value", "6.9")]
    [InlineData("value", "\"\"")]
    [InlineData("unit", "null")]
    [InlineData("status", "\"done\"")]
    [InlineData("abnormal", "\"bad\"")]
    [InlineData("abnormal", "null")]
    [InlineData("colour", "1")]
    public async Task A_wrong_field_is_named_and_nothing_is_stored(string field, string value)
    {
        var body = JsonNode.Parse(BodyOf("final", "normal"))!.AsObject();
        body[field] = JsonNode.Parse(value);

        (await _ada.PostAsync("/api/lab-results", body.ToJsonString())).ExpectProblem(HttpStatusCode.BadRequest, "invalid", field);
        Assert.Equal(0, await _app.CountAsync("lab_result", _ada.Tenant));
        await _app.ExpectEventsAsync(_ada.Tenant);
    }

    [Theory]
    [InlineData("{}", "body")]
    [InlineData("""{"value":"","status":"x"}""", "value", "status")]
    [InlineData("""{"orderedBy":"cyd"}""", "orderedBy")]
    public async Task A_wrong_change_names_its_fields(string body, params string[] fields)
    {
        var id = await MakeAsync("final", "normal");

        (await _ada.PatchAsync($"/api/lab-results/{id}", body)).ExpectProblem(HttpStatusCode.BadRequest, "invalid", fields);
    }

    private static string BodyOf(string status, string abnormal) =>
        $$"""
        {"patientId":"p/1","orderedBy":"bob","test":"Potassium","value":"6.9","unit":"mmol/L","status":"{{status}}","abnormal":"{{abnormal}}"}
        """;

    private async Task<string> MakeAsync(string status, string abnormal) =>
        (await _ada.PostAsync("/api/lab-results", BodyOf(status, abnormal))).Expect(HttpStatusCode.Created).Id;
}
