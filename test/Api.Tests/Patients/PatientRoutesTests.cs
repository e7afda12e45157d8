using System.Net;
using System.Text.Json.Nodes;
using Clinic.Records;

namespace Clinic.Patients;

public sealed class PatientRoutesOnSqliteTests(SqliteRecordApp app) : PatientRoutesTests(app), IClassFixture<SqliteRecordApp>;

public sealed class PatientRoutesOnPostgreSqlTests(PostgreSqlRecordApp app) : PatientRoutesTests(app), IClassFixture<PostgreSqlRecordApp>;

public abstract class PatientRoutesTests
{
    private const string Body = """{"name":"Zoë Müller 🩺","birthDate":"1984-02-29"}""";

    private readonly RecordApp _app;
    private readonly string _now;
    private readonly RecordClient _ada;

    protected PatientRoutesTests(RecordApp app)
    {
        _app = app;
        _now = Rfc3339.Format(app.Time.GetUtcNow());
        _ada = app.As(RecordApp.NewTenant(), "ada", "staff");
    }

    [Fact]
    public async Task A_patient_is_kept_and_nobody_is_told()
    {
        var made = (await _ada.PostAsync("/api/patients", Body)).Expect(HttpStatusCode.Created);

        Assert.Equal($"/api/patients/{made.Id}", made.Location);
        RecordAssert.SameJson(
            $$"""{"id":"{{made.Id}}","name":"Zoë Müller 🩺","birthDate":"1984-02-29","createdBy":"ada","createdAt":"{{_now}}"}""", made.Json);
        RecordAssert.SameJson(made.Body, Assert.Single(await _ada.ReadAllAsync("/api/patients")));
        await _app.ExpectEventsAsync(_ada.Tenant);
    }

    [Fact]
    public async Task A_patient_comes_with_vitals_allergies_and_medications()
    {
        var path = (await _ada.PostAsync("/api/patients", """{"id":"p/1","name":"Zoë","birthDate":"2031-05-06"}""")).Expect(HttpStatusCode.Created).Location!;
        RecordAssert.SameJson(
            $$"""
            {"id":"p/1","name":"Zoë","birthDate":"2031-05-06","createdBy":"ada","createdAt":"{{_now}}","vitals":null,"allergies":[],"medications":[]}
            """,
            (await _ada.GetAsync(path)).Expect(HttpStatusCode.OK).Json);

        (await _ada.PatchAsync($"{path}/vitals", """{"systolic":120,"temperature":36.6}""")).Expect(HttpStatusCode.OK);
        var vitals = (await _ada.PatchAsync($"{path}/vitals", """{"diastolic":80,"systolic":118}""")).Expect(HttpStatusCode.OK);
        var allergies = new List<string>();
        foreach (var substance in new[] { "penicillin", "latex" })
        {
            _app.Time.Advance(TimeSpan.FromMilliseconds(1));
            allergies.Add(WithoutViewers(await _ada.PostAsync($"{path}/allergies", $$"""{"substance":"{{substance}}"}""")));
        }

        var medication = WithoutViewers(await _ada.PostAsync($"{path}/medications", """{"name":"ibuprofen","dose":"400 mg","frequency":"as needed"}"""));

        var chart = (await _ada.GetAsync(path)).Expect(HttpStatusCode.OK).Json;
        RecordAssert.SameJson(WithoutViewers(vitals), chart["vitals"]);
        RecordAssert.SameJson($"[{string.Join(',', allergies)}]", chart["allergies"]);
        RecordAssert.SameJson($"[{medication}]", chart["medications"]);
    }

    [Fact]
    public async Task An_id_is_taken_once_in_its_clinic()
    {
        var elsewhere = _app.As(RecordApp.NewTenant(), "ada", "staff");
        var replies = await Task.WhenAll(Enumerable.Range(0, 8).Select(i =>
            _ada.PostAsync("/api/patients", $$"""{"id":"p1","name":"n{{i}}","birthDate":"1984-02-29"}""")));

        var made = Assert.Single(replies, r => r.Status == HttpStatusCode.Created);
        Assert.All(replies.Where(r => r != made), r => r.ExpectProblem(HttpStatusCode.Conflict, "conflict"));
        (await elsewhere.GetAsync("/api/patients/p1")).ExpectProblem(HttpStatusCode.NotFound, "not_found");
        (await elsewhere.PostAsync("/api/patients", """{"id":"p1","name":"other","birthDate":"1984-02-29"}""")).Expect(HttpStatusCode.Created);
        Assert.Equal((string?)made.Json["name"], (string?)(await _ada.GetAsync("/api/patients/p1")).Json["name"]);
    }

    [Fact]
    public async Task A_repeat_with_the_same_key_makes_one_patient()
    {
        var first = (await _ada.PostAsync("/api/patients", Body, "key")).Expect(HttpStatusCode.Created);
        var again = (await _ada.PostAsync("/api/patients", Body, "key")).Expect(HttpStatusCode.Created);

        Assert.Equal((first.Body, first.Location, true), (again.Body, again.Location, again.Replayed));
        Assert.Equal(1, await _app.CountAsync("patient", _ada.Tenant));
    }

    [Fact]
    public async Task Patients_come_by_name_and_then_by_id_page_by_page()
    {
        string[] names = ["b", "a", "c", "a", "b", "ä", "b 🩺", "B"];
        foreach (var (i, name) in names.Index())
        {
            (await _ada.PostAsync("/api/patients", $$"""{"id":"{{9 - i}}","name":"{{name}}","birthDate":"1984-02-29"}""")).Expect(HttpStatusCode.Created);
        }

        var expected = names.Select((name, i) => (Name: name, Id: $"{9 - i}")).OrderBy(p => p.Name, StringComparer.Ordinal).ThenBy(p => p.Id, StringComparer.Ordinal);
        foreach (var limit in new[] { 1, 3, 200 })
        {
            Assert.Equal(expected, (await _ada.ReadAllAsync("/api/patients", limit)).Select(p => ((string)p["name"]!, (string)p["id"]!)));
        }

        Assert.Empty(await _app.As(RecordApp.NewTenant(), "ada", "staff").ReadAllAsync("/api/patients"));
    }

    [Theory]
    [InlineData("name", "null")]
    [InlineData("name", "\"\"")]
    [InlineData("name", "\"a\\u0000\"")]
    [InlineData("birthDate", "null")]
    [InlineData("birthDate", "\"1984-02-30\"")]
    [InlineData("birthDate", "\"1849-12-31\"")]
    [InlineData("birthDate", "\"2031-05-08\"")]
    [InlineData("birthDate", "\"1984-02-29T00:00:00Z\"")]
    [InlineData("id", "\"\"")]
    [InlineData("colour", "1")]
    public async Task A_wrong_field_is_named_and_nothing_is_stored(string field, string value)
    {
        var body = JsonNode.Parse(Body)!.AsObject();
        body[field] = JsonNode.Parse(value);

        (await _ada.PostAsync("/api/patients", body.ToJsonString())).ExpectProblem(HttpStatusCode.BadRequest, "invalid", field);
        Assert.Equal(0, await _app.CountAsync("patient", _ada.Tenant));
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("cursor=x", "cursor")]
    [InlineData("cursor=%00", "cursor")]
    [InlineData("cursor=YWI", "cursor")]
    public async Task A_list_that_is_asked_for_wrongly_names_the_parameter(string query, string field) =>
        (await _ada.GetAsync($"/api/patients?{query}")).ExpectProblem(HttpStatusCode.BadRequest, "invalid", field);

    private static string WithoutViewers(Reply reply)
    {
        var body = reply.Json.AsObject();
        Assert.True(body.Remove("viewers"));
        return body.ToJsonString();
    }
}
