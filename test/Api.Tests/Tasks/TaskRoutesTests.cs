using System.Net;
using System.Text.Json.Nodes;
using Clinic.Records;

namespace Clinic.Tasks;

public sealed class TaskRoutesOnSqliteTests(SqliteRecordApp app) : TaskRoutesTests(app), IClassFixture<SqliteRecordApp>;

public sealed class TaskRoutesOnPostgreSqlTests(PostgreSqlRecordApp app) : TaskRoutesTests(app), IClassFixture<PostgreSqlRecordApp>;

public abstract class TaskRoutesTests
{
    private static readonly string[] Told = ["user:bob notification:new", "user:bob unread:changed"];

    private readonly RecordApp _app;
    private readonly string _now;
    private readonly RecordClient _ada;

    protected TaskRoutesTests(RecordApp app)
    {
        _app = app;
        _now = Rfc3339.Format(app.Time.GetUtcNow());
        _ada = app.As(RecordApp.NewTenant(), "ada", "nurse");
    }

    [Fact]
    public async Task A_task_is_kept_and_its_assignee_notified()
    {
        var made = (await _ada.PostAsync(
            "/api/tasks", """{"title":"Call Zoë 🩺","assignedTo":"bob","dueAt":"2031-05-07T10:00:00+02:00","priority":"urgent"}""")).Expect(HttpStatusCode.Created);

        Assert.Equal($"/api/tasks/{made.Id}", made.Location);
        RecordAssert.SameJson(
            $$"""
            {"id":"{{made.Id}}","title":"Call Zoë 🩺","assignedTo":"bob","dueAt":"2031-05-07T08:00:00.000Z","priority":"urgent","status":"open",
             "createdBy":"ada","createdAt":"{{_now}}","updatedAt":"{{_now}}","version":1}
            """,
            made.Json);
        RecordAssert.SameJson(made.Body, (await _ada.GetAsync(made.Location!)).Expect(HttpStatusCode.OK).Json);
        var notice = (await _app.ExpectEventsAsync(_ada.Tenant, Told))[0].Json.AsObject();
        Assert.True(notice.Remove("id"));
        RecordAssert.SameJson(
            $$"""
            {"kind":"task_assigned","priority":"urgent","title":"Task assigned to you","body":"Call Zoë 🩺","link":"/tasks/{{made.Id}}","requiresAck":false}
            """,
            notice);
        Assert.Single(await _app.As(_ada.Tenant, "bob").ReadAllAsync("/api/notifications?unacknowledged=true"));
    }

    [Theory]
    [InlineData("""{"title":"t"}""")]
    [InlineData("""{"title":"t","assignedTo":null}""")]
    [InlineData("""{"title":"t","assignedTo":"ada"}""")]
    public async Task A_task_for_nobody_or_oneself_notifies_nobody(string body)
    {
        var made = (await _ada.PostAsync("/api/tasks", body)).Expect(HttpStatusCode.Created);

        Assert.Equal(("normal", "open"), ((string?)made.Json["priority"], (string?)made.Json["status"]));
        await _app.ExpectEventsAsync(_ada.Tenant);
    }

    [Fact]
    public async Task Only_a_new_assignee_is_notified()
    {
        var id = await MakeAsync("""{"title":"t"}""");

        await ChangeAsync(id, """{"assignedTo":"bob"}""");
        await ChangeAsync(id, """{"assignedTo":"bob"}""");
        await ChangeAsync(id, """{"assignedTo":"bob","title":"u","status":"in_progress","priority":"high","dueAt":"2031-06-01T00:00:00Z"}""");
        await _app.ExpectEventsAsync(_ada.Tenant, Told);

        await ChangeAsync(id, """{"assignedTo":"ada"}""");
        await _app.ExpectEventsAsync(_ada.Tenant, Told);

        await ChangeAsync(id, """{"assignedTo":"cyd"}""");
        var events = await _app.ExpectEventsAsync(_ada.Tenant, [.. Told, "user:cyd notification:new", "user:cyd unread:changed"]);
        Assert.Equal(("u", "high"), ((string?)events[2].Json["body"], (string?)events[2].Json["priority"]));
    }

    [Fact]
    public async Task Changing_some_fields_leaves_the_others()
    {
        var id = await MakeAsync("""{"title":"t","assignedTo":"bob","dueAt":"2031-06-01T00:00:00Z"}""");

        var changed = await ChangeAsync(id, """{"status":"done"}""");

        RecordAssert.SameJson(
            $$"""
            {"id":"{{id}}","title":"t","assignedTo":"bob","dueAt":"2031-06-01T00:00:00.000Z","priority":"normal","status":"done",
             "createdBy":"ada","createdAt":"{{_now}}","updatedAt":"{{_now}}","version":2}
            """,
            changed.Json);
        RecordAssert.SameJson(changed.Body, (await ChangeAsync(id, """{"status":"done","title":"t"}""")).Json);
        RecordAssert.SameJson(changed.Body, (await _ada.GetAsync($"/api/tasks/{id}")).Json);
    }

    [Fact]
    public async Task Of_many_that_assign_at_once_each_change_notifies_once()
    {
        var id = await MakeAsync("""{"title":"t"}""");

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => ChangeAsync(id, """{"assignedTo":"bob"}""")));

        await _app.ExpectEventsAsync(_ada.Tenant, Told);
        Assert.Equal(2, (int)(await _ada.GetAsync($"/api/tasks/{id}")).Json["version"]!);
    }

    [Fact]
    public async Task A_repeat_with_the_same_key_notifies_once()
    {
        var first = (await _ada.PostAsync("/api/tasks", """{"title":"t","assignedTo":"bob"}""", "key")).Expect(HttpStatusCode.Created);
        var again = (await _ada.PostAsync("/api/tasks", """{"title":"t","assignedTo":"bob"}""", "key")).Expect(HttpStatusCode.Created);

        Assert.Equal((first.Body, true), (again.Body, again.Replayed));
        await _app.ExpectEventsAsync(_ada.Tenant, Told);
    }

    [Fact]
    public async Task Another_clinic_neither_sees_nor_changes_it()
    {
        var id = await MakeAsync("""{"title":"t"}""");
        var eve = _app.As(RecordApp.NewTenant(), "ada", "nurse");

        foreach (var (client, task) in new[] { (eve, id), (_ada, "none") })
        {
            (await client.GetAsync($"/api/tasks/{task}")).ExpectProblem(HttpStatusCode.NotFound, "not_found");
            (await client.PatchAsync($"/api/tasks/{task}", """{"assignedTo":"bob"}""")).ExpectProblem(HttpStatusCode.NotFound, "not_found");
        }

        Assert.Empty(await eve.ReadAllAsync("/api/tasks"));
        await _app.ExpectEventsAsync(eve.Tenant);
        await _app.ExpectEventsAsync(_ada.Tenant);
    }

    [Fact]
    public async Task The_list_is_newest_first_and_may_be_of_one_assignee_or_status()
    {
        var ids = new List<string>();
        for (var i = 0; i < 6; i++)
        {
            ids.Insert(0, await MakeAsync($$"""{"title":"t","assignedTo":"u{{i % 2}}"}"""));
            _app.Time.Advance(TimeSpan.FromMilliseconds(1));
        }

        await ChangeAsync(ids[0], """{"status":"done"}""");

        Assert.Equal(ids, await IdsAsync("/api/tasks"));
        Assert.Equal([ids[0], ids[2], ids[4]], await IdsAsync("/api/tasks?assignedTo=u1"));
        Assert.Equal([ids[0]], await IdsAsync("/api/tasks?status=done"));
        Assert.Equal([ids[2], ids[4]], await IdsAsync("/api/tasks?assignedTo=u1&status=open"));

        async Task<IEnumerable<string>> IdsAsync(string path) => (await _ada.ReadAllAsync(path, 2)).Select(t => (string)t["id"]!);
    }

    [Theory]
    [InlineData("status=gone", "status")]
    [InlineData("assignedTo=", "assignedTo")]
    [InlineData("limit=0", "limit")]
    [InlineData("cursor=x", "cursor")]
    public async Task A_list_that_is_asked_for_wrongly_names_the_parameter(string query, string field) =>
        (await _ada.GetAsync($"/api/tasks?{query}")).ExpectProblem(HttpStatusCode.BadRequest, "invalid", field);

    [Theory]
    [InlineData("title", "null")]
    [InlineData("title", "\"\"")]
    [InlineData("assignedTo", "\"\"")]
    [InlineData("dueAt", "\"tomorrow\"")]
    [InlineData("priority", "\"extreme\"")]
    [InlineData("status", "\"done\"")]
    public async Task A_wrong_field_is_named_and_nothing_is_stored(string field, string value)
    {
        var body = new JsonObject { ["title"] = "t" };
        body[field] = JsonNode.Parse(value);

        (await _ada.PostAsync("/api/tasks", body.ToJsonString())).ExpectProblem(HttpStatusCode.BadRequest, "invalid", field);
        Assert.Equal(0, await _app.CountAsync("task", _ada.Tenant));
    }

    [Theory]
    [InlineData("{}", "body")]
    [InlineData("""{"title":""}""", "title")]
    [InlineData("""{"status":"gone","priority":"none"}""", "status", "priority")]
    public async Task A_wrong_change_names_its_fields(string body, params string[] fields)
    {
        var id = await MakeAsync("""{"title":"t"}""");

        (await _ada.PatchAsync($"/api/tasks/{id}", body)).ExpectProblem(HttpStatusCode.BadRequest, "invalid", fields);
    }

    private async Task<string> MakeAsync(string body) => (await _ada.PostAsync("/api/tasks", body)).Expect(HttpStatusCode.Created).Id;

    private async Task<Reply> ChangeAsync(string id, string body) => (await _ada.PatchAsync($"/api/tasks/{id}", body)).Expect(HttpStatusCode.OK);
}
