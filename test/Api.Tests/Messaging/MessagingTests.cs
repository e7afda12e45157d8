using System.Net;
using System.Text.Json.Nodes;
using Clinic.Records;

namespace Clinic.Messaging;

public sealed class MessagingOnSqliteTests(SqliteRecordApp app) : MessagingTests(app), IClassFixture<SqliteRecordApp>;

public sealed class MessagingOnPostgreSqlTests(PostgreSqlRecordApp app) : MessagingTests(app), IClassFixture<PostgreSqlRecordApp>;

public abstract class MessagingTests
{
    private readonly RecordApp _app;
    private readonly string _tenant = RecordApp.NewTenant();
    private readonly string _now;
    private readonly RecordClient _ada;
    private readonly RecordClient _bob;
    private readonly RecordClient _eve;

    protected MessagingTests(RecordApp app)
    {
        _app = app;
        _now = Rfc3339.Format(app.Time.GetUtcNow());
        _ada = app.As(_tenant, "ada", "provider");
        _bob = app.As(_tenant, "bob", "nurse");
        _eve = app.As(_tenant, "eve", "staff");
    }

    [Fact]
    public async Task The_creator_takes_part_and_repeated_participants_count_once()
    {
        var made = (await _ada.PostAsync("/api/messaging", """{"subject":"Bed 4","participants":["bob","bob","cyd"]}"""))
            .Expect(HttpStatusCode.Created);

        AssertJson(
            $$"""
            {"id":"{{made.Id}}","subject":"Bed 4","participants":["ada","bob","cyd"],"createdBy":"ada",
             "createdAt":"{{_now}}","lastActivityAt":"{{_now}}","unread":0}
            """,
            made.Json);
        AssertJson(made.Body, Assert.Single(await ThreadsAsync(_bob))!);
        Assert.Equal(3, await _app.CountAsync("thread_participant", _tenant));
        Assert.Empty(await _app.EventsAsync(_tenant));
    }

    [Fact]
    public async Task A_thread_may_bring_its_id_once_in_its_clinic()
    {
        (await _ada.PostAsync("/api/messaging", """{"id":"t/1","subject":"x","participants":[]}""")).Expect(HttpStatusCode.Created);

        (await _bob.PostAsync("/api/messaging", """{"id":"t/1","subject":"y","participants":[]}""")).ExpectProblem(HttpStatusCode.Conflict, "conflict");
        var elsewhere = _app.As(RecordApp.NewTenant(), "ada");
        (await elsewhere.PostAsync("/api/messaging", """{"id":"t/1","subject":"z","participants":[]}""")).Expect(HttpStatusCode.Created);

        Assert.Equal("x", (string?)Assert.Single(await ThreadsAsync(_ada))!["subject"]);
        Assert.Empty(await ThreadsAsync(_bob));
        (await elsewhere.PostAsync("/api/messaging/t%2F1/messages", """{"body":"hi"}""")).Expect(HttpStatusCode.Created);
        Assert.Empty(await MessagesAsync(_ada, "t/1"));
    }

    [Fact]
    public async Task Two_who_make_the_same_thread_at_once_make_one()
    {
        var replies = await Task.WhenAll(Enumerable.Range(0, 8).Select(i =>
            _ada.PostAsync("/api/messaging", $$"""{"id":"same","subject":"s{{i}}","participants":["u{{i}}"]}""")));

        Assert.Single(replies, r => r.Status == HttpStatusCode.Created);
        Assert.Equal(7, replies.Count(r => r.Status == HttpStatusCode.Conflict));
        Assert.Equal(2, await _app.CountAsync("thread_participant", _tenant));
    }

    [Fact]
    public async Task A_message_is_told_to_the_thread_and_counted_for_everybody_else()
    {
        var thread = await MakeThreadAsync("bob", "cyd");

        var sent = (await _ada.PostAsync($"/api/messaging/{thread}/messages", """{"body":"Ready? 🩺"}""")).Expect(HttpStatusCode.Created);

        AssertJson(
            $$"""
            {"id":"{{sent.Id}}","threadId":"{{thread}}","sequence":1,"author":"ada","authorName":"ada's name","body":"Ready? 🩺",
             "sentAt":"{{_now}}","readBy":[]}
            """,
            sent.Json);
        AssertJson(sent.Body, Assert.Single(await MessagesAsync(_bob, thread)));
        var events = await _app.EventsAsync(_tenant);
        Assert.Equal([$"thread:{thread} message:new", "user:bob unread:changed", "user:cyd unread:changed"], events.Select(e => e.ToString()));
        Assert.All(events, e => Assert.Equal("ada", e.Author));
        AssertJson(sent.Body, events[0].Json);
        AssertJson($$"""{"messages":1,"notifications":0,"threadId":"{{thread}}"}""", events[1].Json);
        AssertJson($$"""{"messages":1,"notifications":0,"threadId":"{{thread}}"}""", events[2].Json);
        Assert.Equal(0, (int)Assert.Single(await ThreadsAsync(_ada))!["unread"]!);
        Assert.Equal(1, (int)Assert.Single(await ThreadsAsync(_bob))!["unread"]!);
    }

    [Fact]
    public async Task Reading_is_told_once_to_the_thread_and_to_the_reader()
    {
        var thread = await MakeThreadAsync("bob", "cyd");
        var first = (await SendAsync(_ada, thread)).Id;
        var second = (await SendAsync(_ada, thread)).Id;
        var before = (await _app.EventsAsync(_tenant)).Count;

        (await _bob.PatchAsync($"/api/messages/{first}/read")).Expect(HttpStatusCode.NoContent);
        (await _bob.PatchAsync($"/api/messages/{first}/read")).Expect(HttpStatusCode.NoContent);
        (await _ada.PatchAsync($"/api/messages/{first}/read")).Expect(HttpStatusCode.NoContent);

        var events = (await _app.EventsAsync(_tenant)).Skip(before).ToArray();
        Assert.Equal([$"thread:{thread} message:read", "user:bob unread:changed"], events.Select(e => e.ToString()));
        AssertJson(
            $$"""{"messageId":"{{first}}","threadId":"{{thread}}","user":"bob","readAt":"{{_now}}"}""", events[0].Json);
        AssertJson($$"""{"messages":1,"notifications":0,"threadId":"{{thread}}"}""", events[1].Json);
        var messages = await MessagesAsync(_ada, thread);
        Assert.Equal([second, first], messages.Select(m => (string?)m["id"]));
        Assert.Empty(messages[0]["readBy"]!.AsArray());
        AssertJson($$"""[{"user":"bob","readAt":"{{_now}}"}]""", messages[1]["readBy"]!);
    }

    [Fact]
    public async Task A_thread_of_others_answers_as_one_that_does_not_exist()
    {
        var thread = await MakeThreadAsync("bob");
        var message = (await SendAsync(_ada, thread)).Id;
        var before = await _app.EventsAsync(_tenant);
        var stranger = _app.As(RecordApp.NewTenant(), "ada");

        foreach (var other in new[] { _eve, stranger })
        {
            await AssertSameAsync(id => other.PostAsync($"/api/messaging/{id}/messages", """{"body":"x"}"""), thread);
            await AssertSameAsync(id => other.GetAsync($"/api/messaging/{id}/messages"), thread);
            await AssertSameAsync(id => other.GetAsync($"/api/messaging/{id}/messages?before={message}"), thread);
            await AssertSameAsync(id => other.PatchAsync($"/api/messages/{id}/read"), message);
            Assert.Empty(await ThreadsAsync(other));
        }

        Assert.Equal(before.Count, (await _app.EventsAsync(_tenant)).Count);
        Assert.Empty(await _app.EventsAsync(stranger.Tenant));

        async Task AssertSameAsync(Func<string, Task<Reply>> call, string id)
        {
            var foreign = await call(id);
            foreign.ExpectProblem(HttpStatusCode.NotFound, "not_found");
            Assert.Equal(WithoutTrace(await call("none")), WithoutTrace(foreign));
        }
    }

    [Fact]
    public async Task Messages_come_newest_first_page_by_page()
    {
        var thread = await MakeThreadAsync("bob");
        var ids = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            ids.Insert(0, (await SendAsync(i % 2 == 0 ? _ada : _bob, thread)).Id);
        }

        var paged = new List<string?>();
        for (string? before = ""; before is not null;)
        {
            var page = (await _bob.GetAsync($"/api/messaging/{thread}/messages?limit=2{before}")).Expect(HttpStatusCode.OK).Json;
            paged.AddRange(page["items"]!.AsArray().Select(m => (string?)m!["id"]));
            before = page["next"] is { } next ? $"&before={next}" : null;
        }

        Assert.Equal<string?>(ids, paged);
        Assert.Null((await _bob.GetAsync($"/api/messaging/{thread}/messages?limit=5")).Json["next"]);
        (await _bob.GetAsync($"/api/messaging/{thread}/messages?before=none")).ExpectProblem(HttpStatusCode.BadRequest, "invalid", "before");
        (await _bob.GetAsync($"/api/messaging/{thread}/messages?before=%00")).ExpectProblem(HttpStatusCode.BadRequest, "invalid", "before");
        (await _bob.GetAsync($"/api/messaging/{thread}/messages?limit=201")).ExpectProblem(HttpStatusCode.BadRequest, "invalid", "limit");
    }

    [Fact]
    public async Task Threads_come_by_their_latest_activity_page_by_page()
    {
        var ids = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            ids.Add(await MakeThreadAsync("bob"));
            _app.Time.Advance(TimeSpan.FromMilliseconds(5));
        }

        await SendAsync(_ada, ids[0]);

        var paged = new List<JsonNode>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = (await _bob.GetAsync($"/api/messaging?limit=2{cursor}")).Expect(HttpStatusCode.OK).Json;
            paged.AddRange(page["items"]!.AsArray().Select(t => t!));
            cursor = page["next"] is { } next ? $"&cursor={next}" : null;
        }

        Assert.Equal([ids[0], ids[2], ids[1]], paged.Select(t => (string?)t["id"]));
        Assert.Equal([1, 0, 0], paged.Select(t => (int)t["unread"]!));
        Assert.All(paged, t => AssertJson("""["ada","bob"]""", t["participants"]!));
    }

    [Theory]
    [InlineData("""{"participants":[]}""", "subject")]
    [InlineData("""{"subject":"","participants":[]}""", "subject")]
    [InlineData("""{"subject":"x"}""", "participants")]
    [InlineData("""{"subject":"x","participants":["a",null]}""", "participants[1]")]
    [InlineData("""{"subject":"x","participants":[""]}""", "participants[0]")]
    [InlineData("""{"id":"","subject":"x","participants":[]}""", "id")]
    public async Task A_wrong_thread_names_its_field(string body, string field)
    {
        (await _ada.PostAsync("/api/messaging", body)).ExpectProblem(HttpStatusCode.BadRequest, "invalid", field);
        Assert.Equal(0, await _app.CountAsync("thread", _tenant));
    }

    [Theory]
    [InlineData(200, HttpStatusCode.Created)]
    [InlineData(201, HttpStatusCode.BadRequest)]
    public async Task A_thread_has_a_largest_number_of_participants(int count, HttpStatusCode status)
    {
        var participants = new JsonArray([.. Enumerable.Range(0, count).Select(i => JsonValue.Create($"u{i}"))]);
        var made = (await _ada.PostAsync("/api/messaging", $$"""{"subject":"x","participants":{{participants.ToJsonString()}}}""")).Expect(status);
        if (status == HttpStatusCode.Created)
        {
            await SendAsync(_ada, made.Id);
            Assert.Equal(count + 1, (await _app.EventsAsync(_tenant)).Count);
        }
    }

    [Theory]
    [InlineData(0, HttpStatusCode.BadRequest)]
    [InlineData(8000, HttpStatusCode.Created)]
    [InlineData(8001, HttpStatusCode.BadRequest)]
    public async Task A_message_has_a_longest_body(int length, HttpStatusCode status)
    {
        var thread = await MakeThreadAsync();
        var reply = await _ada.PostAsync($"/api/messaging/{thread}/messages", $$"""{"body":"{{new string('x', length)}}"}""");
        reply.Expect(status);
        if (status == HttpStatusCode.BadRequest)
        {
            reply.ExpectProblem(status, "invalid", "body");
            Assert.Empty(await _app.EventsAsync(_tenant));
        }
    }

    [Fact]
    public async Task The_hub_marks_as_read_by_the_same_rules()
    {
        var thread = await MakeThreadAsync("bob");
        var message = (await SendAsync(_ada, thread)).Id;
        var reader = _app.Service<MessageReader>();
        var bob = new Security.Caller(_tenant, "bob", "Bob", [], false);

        Assert.Equal(MarkReadOutcome.NotFound, await reader.MarkReadAsync(bob with { User = "eve" }, message, CancellationToken.None));
        Assert.Equal(MarkReadOutcome.NotFound, await reader.MarkReadAsync(bob with { Tenant = "other" }, message, CancellationToken.None));
        Assert.Equal(MarkReadOutcome.NotFound, await reader.MarkReadAsync(bob, "a\0b", CancellationToken.None));
        Assert.Equal(MarkReadOutcome.Read, await reader.MarkReadAsync(bob, message, CancellationToken.None));
        Assert.Equal(MarkReadOutcome.ReadBefore, await reader.MarkReadAsync(bob, message, CancellationToken.None));
    }

    private async Task<string> MakeThreadAsync(params string[] participants) =>
        (await _ada.PostAsync("/api/messaging", $$"""{"subject":"s","participants":{{System.Text.Json.JsonSerializer.Serialize(participants)}}}"""))
            .Expect(HttpStatusCode.Created).Id;

    private static async Task<Reply> SendAsync(RecordClient sender, string thread) =>
        (await sender.PostAsync($"/api/messaging/{thread}/messages", """{"body":"x"}""")).Expect(HttpStatusCode.Created);

    private static async Task<JsonArray> ThreadsAsync(RecordClient user) =>
        (await user.GetAsync("/api/messaging")).Expect(HttpStatusCode.OK).Json["items"]!.AsArray();

    private static async Task<IReadOnlyList<JsonNode>> MessagesAsync(RecordClient user, string thread) =>
    [
        .. (await user.GetAsync($"/api/messaging/{Uri.EscapeDataString(thread)}/messages")).Expect(HttpStatusCode.OK).Json["items"]!.AsArray().Select(m => m!),
    ];

    /// <summary>The trace id differs from one request to the next whatever they ask.</summary>
    private static string WithoutTrace(Reply reply)
    {
        var body = reply.Json.AsObject();
        body.Remove("traceId");
        return body.ToJsonString();
    }

    private static void AssertJson(string expected, JsonNode actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), $"Expected {expected}, got {actual.ToJsonString()}");
}
