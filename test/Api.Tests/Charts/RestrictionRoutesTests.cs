using System.Net;
using Clinic.Records;
using Clinic.Topics;

namespace Clinic.Charts;

public sealed class RestrictionOnSqliteTests(SqliteRecordApp app) : RestrictionRoutesTests(app), IClassFixture<SqliteRecordApp>;

public sealed class RestrictionOnPostgreSqlTests(PostgreSqlRecordApp app) : RestrictionRoutesTests(app), IClassFixture<PostgreSqlRecordApp>;

public abstract class RestrictionRoutesTests(RecordApp app)
{
    private const string Path = "/api/patients/p%2F1/restriction";
    private readonly string _tenant = RecordApp.NewTenant();

    private RecordClient Officer => app.As(_tenant, "olga", "privacy_officer");

    [Fact]
    public async Task A_change_is_stored_told_to_the_chart_and_remembered()
    {
        var now = Rfc3339.Format(app.Time.GetUtcNow());
        var first = (await Officer.PatchAsync(Path, """{"restricted":true,"careTeam":["ben","ann"]}""")).Expect(HttpStatusCode.OK);
        RecordAssert.SameJson(
            $$"""{"patientId":"p/1","restricted":true,"careTeam":["ann","ben"],"changedBy":"olga","changedAt":"{{now}}","version":1}""", first.Json);
        (await app.As(_tenant, "adi", "admin").PatchAsync(Path, """{"careTeam":["ann"]}""")).Expect(HttpStatusCode.OK);
        var last = (await Officer.PatchAsync(Path, """{"restricted":false}""")).Expect(HttpStatusCode.OK);
        RecordAssert.SameJson(
            $$"""{"patientId":"p/1","restricted":false,"careTeam":["ann"],"changedBy":"olga","changedAt":"{{now}}","version":3}""", last.Json);

        var events = await app.ExpectEventsAsync(
            _tenant, "patient:p/1 restriction:changed", "patient:p/1 restriction:changed", "patient:p/1 restriction:changed");
        RecordAssert.SameJson("""{"patientId":"p/1","restricted":true}""", events[0].Json);
        RecordAssert.SameJson("""{"patientId":"p/1","restricted":false}""", events[2].Json);
        Assert.Equal(["olga", "adi", "olga"], events.Select(e => e.Author));
        var changes = await Officer.ReadAllAsync(Path, limit: 2);
        RecordAssert.SameJson(
            $$"""{"version":2,"restricted":true,"careTeam":["ann"],"changedBy":"adi","changedAt":"{{now}}"}""", changes[1]);
        Assert.Equal([1, 2, 3], changes.Select(c => (int)c["version"]!));
        RecordAssert.SameJson(
            """{"patientId":"p2","restricted":false,"careTeam":[],"version":0,"items":[],"next":null}""",
            (await Officer.GetAsync("/api/patients/p2/restriction")).Expect(HttpStatusCode.OK).Json);
    }

    [Fact]
    public async Task What_changes_nothing_tells_nobody()
    {
        (await Officer.PatchAsync(Path, """{"restricted":false,"careTeam":[]}""")).Expect(HttpStatusCode.OK);
        await app.ExpectEventsAsync(_tenant);
        (await Officer.PatchAsync(Path, """{"restricted":true,"careTeam":["ann"]}""")).Expect(HttpStatusCode.OK);
        var again = (await Officer.PatchAsync(Path, """{"restricted":true,"careTeam":null}""")).Expect(HttpStatusCode.OK);
        Assert.Equal(1, (int)again.Json["version"]!);
        await app.ExpectEventsAsync(_tenant, "patient:p/1 restriction:changed");
    }

    [Fact]
    public async Task A_repeat_with_the_same_key_is_one_change()
    {
        var first = (await Officer.PatchAsync(Path, """{"restricted":true}""", "key")).Expect(HttpStatusCode.OK);
        (await Officer.PatchAsync(Path, """{"restricted":false}""")).Expect(HttpStatusCode.OK);
        var again = (await Officer.PatchAsync(Path, """{"restricted":true}""", "key")).Expect(HttpStatusCode.OK);
        Assert.Equal((first.Body, true), (again.Body, again.Replayed));
        Assert.False((bool)(await Officer.GetAsync(Path)).Json["restricted"]!);
    }

    [Theory]
    [InlineData("admin", HttpStatusCode.OK)]
    [InlineData("privacy_officer", HttpStatusCode.OK)]
    [InlineData("provider", HttpStatusCode.Forbidden)]
    [InlineData("patient", HttpStatusCode.Forbidden)]
    public async Task Only_those_who_answer_for_privacy_may_change_or_read_it(string role, HttpStatusCode status)
    {
        var caller = app.As(_tenant, "ada", role);
        (await caller.PatchAsync(Path, """{"restricted":true}""")).Expect(status);
        (await caller.GetAsync(Path)).Expect(status);
    }

    [Theory]
    [InlineData("{}", "body")]
    [InlineData("""{"restricted":null}""", "body")]
    [InlineData("""{"restricted":"yes"}""", "restricted")]
    [InlineData("""{"careTeam":["ann","ann"]}""", "careTeam")]
    [InlineData("""{"careTeam":[null]}""", "careTeam[0]")]
    [InlineData("""{"careTeam":["ann",""]}""", "careTeam[1]")]
    [InlineData("""{"restricted":true,"team":[]}""", "team")]
    public async Task A_wrong_field_is_named_and_nothing_is_stored(string body, string field)
    {
        (await Officer.PatchAsync(Path, body)).ExpectProblem(HttpStatusCode.BadRequest, "invalid", field);
        Assert.Equal(0, await app.CountAsync("chart_restriction", _tenant));
    }

    [Fact]
    public async Task A_care_team_has_a_largest_size()
    {
        (await Officer.PatchAsync(Path, Team(RestrictionChange.MaxCareTeam))).Expect(HttpStatusCode.OK);
        (await Officer.PatchAsync(Path, Team(RestrictionChange.MaxCareTeam + 1))).ExpectProblem(HttpStatusCode.BadRequest, "invalid", "careTeam");

        static string Team(int size) => $$"""{"careTeam":[{{string.Join(',', Enumerable.Range(0, size).Select(i => $"\"u{i}\""))}}]}""";
    }

    [Fact]
    public async Task Changes_at_once_are_one_after_the_other()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Officer.PatchAsync(Path, $$"""{"restricted":true,"careTeam":["u{{i}}"]}""")));
        Assert.Equal(Enumerable.Range(1, 8), (await Officer.ReadAllAsync(Path)).Select(c => (int)c["version"]!));
        Assert.Single((await Officer.GetAsync(Path)).Json["careTeam"]!.AsArray());
    }

    [Fact]
    public async Task A_restricted_chart_is_for_its_care_team_whoever_has_it_open_with_a_reason_and_backends()
    {
        (await Officer.PostAsync("/api/patients", """{"id":"p/1","name":"Pat","birthDate":"1990-01-01"}""")).Expect(HttpStatusCode.Created);
        var order = await MadeAsync("/api/orders", """{"patientId":"p/1","providerId":"prue","kind":"x-ray","details":"d","priority":"normal"}""");
        var result = await MadeAsync(
            "/api/lab-results", """{"patientId":"p/1","orderedBy":"prue","test":"t","value":"1","unit":"","status":"preliminary","abnormal":"normal"}""");
        (await Officer.PatchAsync(Path, """{"restricted":true,"careTeam":["ann"]}""")).Expect(HttpStatusCode.OK);
        (HttpMethod Method, string Path, string? Body)[] requests =
        [
            (HttpMethod.Get, "/api/patients/p%2F1", null),
            (HttpMethod.Patch, "/api/patients/p%2F1/vitals", """{"weight":70}"""),
            (HttpMethod.Post, "/api/patients/p%2F1/allergies", """{"substance":"latex"}"""),
            (HttpMethod.Post, "/api/patients/p%2F1/medications", """{"name":"ibuprofen","dose":"400 mg"}"""),
            (HttpMethod.Get, "/api/orders?patientId=p%2F1", null),
            (HttpMethod.Get, $"/api/orders/{order}", null),
            (HttpMethod.Patch, $"/api/orders/{order}/status", """{"status":"in_progress"}"""),
            (HttpMethod.Get, "/api/lab-results?patientId=p%2F1", null),
            (HttpMethod.Get, $"/api/lab-results/{result}", null),
            (HttpMethod.Patch, $"/api/lab-results/{result}", """{"status":"final"}"""),
        ];
        var events = (await app.EventsAsync(_tenant)).Count;

        foreach (var (user, role) in new[] { ("ben", "provider"), ("olga", "privacy_officer"), ("adi", "admin") })
        {
            await ExpectAllAsync(app.As(_tenant, user, role), allowed: false);
        }

        Assert.Equal(events, (await app.EventsAsync(_tenant)).Count);
        await ExpectAllAsync(app.As(_tenant, "ann", "nurse"), allowed: true);
        await ExpectAllAsync(app.AsService(_tenant, "ben"), allowed: true);

        await OpenWithReasonAsync("ben", "i1");
        await ExpectAllAsync(app.As(_tenant, "ben", "provider"), allowed: true);
        await ExpectAllAsync(app.As(_tenant, "cid", "provider"), allowed: false);
        app.Time.Advance(TestLimits.For - TimeSpan.FromMilliseconds(1));
        await ExpectAllAsync(app.As(_tenant, "ben", "provider"), allowed: true);
        app.Time.Advance(TimeSpan.FromMilliseconds(1));
        // Nobody has closed the interval yet.
        await ExpectAllAsync(app.As(_tenant, "ben", "provider"), allowed: false);

        await OpenWithReasonAsync("ben", "i2");
        await new ChartStore(app.Database, app.Time).CloseAsync([new AccessEnd($"{_tenant} i2", app.Time.GetUtcNow(), "user")], default);
        await ExpectAllAsync(app.As(_tenant, "ben", "provider"), allowed: false);

        (await Officer.PatchAsync(Path, """{"restricted":false}""")).Expect(HttpStatusCode.OK);
        await ExpectAllAsync(app.As(_tenant, "ben", "provider"), allowed: true);

        async Task ExpectAllAsync(RecordClient client, bool allowed)
        {
            foreach (var (method, path, body) in requests)
            {
                var reply = await client.SendAsync(method, path, body);
                if (allowed)
                {
                    Assert.True((int)reply.Status is 200 or 201, $"{method} {path}: {reply.Body}");
                }
                else
                {
                    reply.ExpectProblem(HttpStatusCode.Forbidden, "forbidden");
                    Assert.Equal("reason_required", (string?)reply.Json["cause"]);
                }
            }
        }
    }

    [Fact]
    public async Task A_restriction_is_of_its_clinic_and_its_patient()
    {
        (await Officer.PatchAsync(Path, """{"restricted":true}""")).Expect(HttpStatusCode.OK);
        (await app.As(_tenant, "ben").PatchAsync("/api/patients/p2/vitals", """{"weight":70}""")).Expect(HttpStatusCode.OK);
        (await app.As(RecordApp.NewTenant(), "ben").PatchAsync("/api/patients/p%2F1/vitals", """{"weight":70}""")).Expect(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Who_an_order_or_a_result_is_for_sees_it_and_nothing_else_of_the_chart()
    {
        var order = await MadeAsync("/api/orders", """{"patientId":"p/1","providerId":"prue","kind":"x-ray","details":"d","priority":"normal"}""");
        await MadeAsync("/api/orders", """{"patientId":"p2","providerId":"prue","kind":"x-ray","details":"d","priority":"normal"}""");
        var result = await MadeAsync(
            "/api/lab-results", """{"patientId":"p/1","orderedBy":"prue","test":"t","value":"1","unit":"","status":"final","abnormal":"normal"}""");
        (await Officer.PatchAsync(Path, """{"restricted":true,"careTeam":["ann"]}""")).Expect(HttpStatusCode.OK);
        var prue = app.As(_tenant, "prue", "provider");

        (await prue.GetAsync($"/api/orders/{order}")).Expect(HttpStatusCode.OK);
        (await prue.GetAsync($"/api/lab-results/{result}")).Expect(HttpStatusCode.OK);
        (await prue.GetAsync("/api/lab-results?patientId=p%2F1")).Expect(HttpStatusCode.Forbidden);
        (await prue.GetAsync("/api/patients/p%2F1")).Expect(HttpStatusCode.Forbidden);
        Assert.Equal(2, await OrdersAsync(prue));
        Assert.Equal(2, await OrdersAsync(app.As(_tenant, "ann")));
        Assert.Equal(2, await OrdersAsync(app.AsService(_tenant, "ben")));
        Assert.Equal(1, await OrdersAsync(app.As(_tenant, "ben", "provider")));
        await OpenWithReasonAsync("ben", "i1");
        Assert.Equal(2, await OrdersAsync(app.As(_tenant, "ben", "provider")));
        app.Time.Advance(TestLimits.For);
        Assert.Equal(1, await OrdersAsync(app.As(_tenant, "ben", "provider")));

        static async Task<int> OrdersAsync(RecordClient client) => (await client.ReadAllAsync("/api/orders?providerId=prue")).Count;
    }

    [Fact]
    public async Task The_access_log_says_who_opened_it_with_a_reason()
    {
        await OpenWithReasonAsync("ben", "i1");
        var store = new ChartStore(app.Database, app.Time);
        await store.OpenAsync(Interval("ann", "i2", null) with { BreakGlass = false }, default);
        var at = Uri.EscapeDataString(Rfc3339.Format(app.Time.GetUtcNow()));
        var items = await Officer.ReadAllAsync($"/api/patients/p%2F1/access-log?at={at}");
        var ben = items.Single(i => (string?)i["user"] == "ben");
        Assert.Equal((true, "emergency"), ((bool)ben["breakGlass"]!, (string?)ben["reason"]));
        Assert.Null(items.Single(i => (string?)i["user"] == "ann")["breakGlass"]);
    }

    /// <summary>What somebody of the clinic's staff makes who has nothing to do with it later.</summary>
    private async Task<string> MadeAsync(string path, string body) => (await app.As(_tenant, "desk", "staff").PostAsync(path, body)).Expect(HttpStatusCode.Created).Id;

    private Task OpenWithReasonAsync(string user, string id) =>
        new ChartStore(app.Database, app.Time).BreakGlassAsync(Interval(user, id, "emergency"), new Officers([], IsWhole: true), default);

    private AccessInterval Interval(string user, string id, string? reason) =>
        new($"{_tenant} {id}", TopicId.ForPatient(_tenant, "p/1"), user, user, reason, app.Time.GetUtcNow(), BreakGlass: true);

    private static class TestLimits
    {
        public static readonly TimeSpan For = new ChartOptions().BreakGlassFor;
    }
}
