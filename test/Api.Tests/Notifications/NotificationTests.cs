using System.Net;
using Clinic.Records;
using Clinic.Security;

namespace Clinic.Notifications;

public sealed class NotificationOnSqliteTests(SqliteRecordApp app) : NotificationTests(app), IClassFixture<SqliteRecordApp>;

public sealed class NotificationOnPostgreSqlTests(PostgreSqlRecordApp app) : NotificationTests(app), IClassFixture<PostgreSqlRecordApp>;

public abstract class NotificationTests
{
    private readonly RecordApp _app;
    private readonly string _tenant = RecordApp.NewTenant();
    private readonly string _now;
    private readonly RecordClient _ada;
    private readonly RecordClient _bob;

    protected NotificationTests(RecordApp app)
    {
        _app = app;
        _now = Rfc3339.Format(app.Time.GetUtcNow());
        _ada = app.As(_tenant, "ada", "provider");
        _bob = app.As(_tenant, "bob", "nurse");
    }

    [Fact]
    public async Task A_notice_is_kept_and_told_to_its_user_alone()
    {
        await NotifyAsync("bob", requiresAck: true);

        var kept = Assert.Single(await _bob.ReadAllAsync("/api/notifications"));
        var id = (string)kept["id"]!;
        RecordAssert.SameJson(
            $$"""
            {"id":"{{id}}","kind":"task_assigned","priority":"high","title":"Title é","body":"Body","link":"/tasks/1","requiresAck":true,
             "createdAt":"{{_now}}","acknowledgedAt":null,"acknowledgedBy":null}
            """,
            kept);
        Assert.Empty(await _ada.ReadAllAsync("/api/notifications"));
        var events = await _app.ExpectEventsAsync(_tenant, "user:bob notification:new", "user:bob unread:changed");
        RecordAssert.SameJson(
            $$"""{"id":"{{id}}","kind":"task_assigned","priority":"high","title":"Title é","body":"Body","link":"/tasks/1","requiresAck":true}""",
            events[0].Json);
        RecordAssert.SameJson("""{"messages":0,"notifications":1}""", events[1].Json);
        Assert.All(events, e => Assert.Equal("ada", e.Author));
    }

    [Fact]
    public async Task A_write_that_is_undone_notifies_nobody()
    {
        await _app.Service<RecordWriter>().WriteAsync(
            CallerOf("ada"),
            async record =>
            {
                await record.NotifyAsync("bob", Notice(false));
                return false;
            },
            kept => kept,
            CancellationToken.None);

        Assert.Empty(await _bob.ReadAllAsync("/api/notifications"));
        Assert.Equal(0, await _app.CountAsync("unread", _tenant));
        await _app.ExpectEventsAsync(_tenant);
    }

    [Fact]
    public async Task Acknowledging_is_told_once_to_all_devices_of_the_user()
    {
        var id = await NotifyAsync("bob");
        await NotifyAsync("bob");

        var first = (await _bob.PostAsync($"/api/notifications/{id}/ack", "")).Expect(HttpStatusCode.OK);
        _app.Time.Advance(TimeSpan.FromSeconds(1));
        var again = (await _bob.PostAsync($"/api/notifications/{id}/ack", "")).Expect(HttpStatusCode.OK);

        Assert.Equal((_now, "bob"), ((string?)first.Json["acknowledgedAt"], (string?)first.Json["acknowledgedBy"]));
        RecordAssert.SameJson(first.Body, again.Json);
        var events = await _app.ExpectEventsAsync(
            _tenant,
            "user:bob notification:new",
            "user:bob unread:changed",
            "user:bob notification:new",
            "user:bob unread:changed",
            "user:bob notification:acknowledged",
            "user:bob unread:changed");
        RecordAssert.SameJson($$"""{"id":"{{id}}","by":"bob","at":"{{_now}}"}""", events[4].Json);
        RecordAssert.SameJson("""{"messages":0,"notifications":1}""", events[5].Json);
    }

    [Fact]
    public async Task Of_many_that_acknowledge_at_once_one_is_told()
    {
        var id = await NotifyAsync("bob");

        var replies = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => _bob.PostAsync($"/api/notifications/{id}/ack", "")));

        Assert.All(replies, r => r.Expect(HttpStatusCode.OK));
        Assert.Single(replies.Select(r => r.Body).Distinct());
        await _app.ExpectEventsAsync(
            _tenant, "user:bob notification:new", "user:bob unread:changed", "user:bob notification:acknowledged", "user:bob unread:changed");
    }

    [Fact]
    public async Task Somebody_elses_notification_is_not_found()
    {
        var id = await NotifyAsync("bob");

        foreach (var other in new[] { _ada, _app.As(RecordApp.NewTenant(), "bob") })
        {
            (await other.PostAsync($"/api/notifications/{id}/ack", "")).ExpectProblem(HttpStatusCode.NotFound, "not_found");
            Assert.Empty(await other.ReadAllAsync("/api/notifications"));
        }

        (await _bob.PostAsync("/api/notifications/none/ack", "")).ExpectProblem(HttpStatusCode.NotFound, "not_found");
        Assert.Equal(2, (await _app.EventsAsync(_tenant)).Count);
    }

    [Fact]
    public async Task The_list_is_newest_first_page_by_page_and_may_leave_out_what_is_acknowledged()
    {
        var ids = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            ids.Insert(0, await NotifyAsync("bob"));
            _app.Time.Advance(TimeSpan.FromMilliseconds(i % 2));
        }

        (await _bob.PostAsync($"/api/notifications/{ids[1]}/ack", "")).Expect(HttpStatusCode.OK);

        Assert.Equal(ids.Order(), await IdsAsync("/api/notifications"));
        Assert.Equal(await IdsAsync("/api/notifications"), await IdsAsync("/api/notifications?unacknowledged=false"));
        Assert.Equal(ids.Where(id => id != ids[1]).Order(), await IdsAsync("/api/notifications?unacknowledged=true"));
        var times = (await _bob.ReadAllAsync("/api/notifications", 2)).Select(n => (string)n["createdAt"]!).ToArray();
        Assert.Equal(times.OrderDescending(StringComparer.Ordinal), times);

        async Task<IEnumerable<string>> IdsAsync(string path) => (await _bob.ReadAllAsync(path, 2)).Select(n => (string)n["id"]!).Order();
    }

    [Theory]
    [InlineData("unacknowledged=maybe", "unacknowledged")]
    [InlineData("limit=0", "limit")]
    [InlineData("cursor=x", "cursor")]
    public async Task A_list_that_is_asked_for_wrongly_names_the_parameter(string query, string field) =>
        (await _bob.GetAsync($"/api/notifications?{query}")).ExpectProblem(HttpStatusCode.BadRequest, "invalid", field);

    [Fact]
    public async Task Counts_agree_after_notices_and_acknowledgements_at_once()
    {
        const int Notices = 40;
        await Task.WhenAll(Enumerable.Range(0, Notices).Select(async i =>
        {
            var user = $"u{i % 3}";
            var id = await NotifyAsync(user);
            if (i % 2 == 0)
            {
                Assert.NotNull(await _app.Service<NotificationAcknowledger>().AcknowledgeAsync(CallerOf(user), id, CancellationToken.None));
            }
        }));

        foreach (var user in Enumerable.Range(0, 3).Select(i => $"u{i}"))
        {
            var open = (await _app.As(_tenant, user).ReadAllAsync("/api/notifications?unacknowledged=true")).Count;
            var told = (await _app.EventsAsync(_tenant)).Where(e => e.ToString() == $"user:{user} unread:changed").Select(e => (int)e.Json["notifications"]!).ToArray();
            Assert.Equal(open, told[^1]);
            Assert.All(told.Prepend(0).Zip(told), pair => Assert.Equal(1, Math.Abs(pair.First - pair.Second)));
        }
    }

    [Fact]
    public async Task The_hub_acknowledges_by_the_same_rules()
    {
        var id = await NotifyAsync("bob");
        var acknowledger = _app.Service<NotificationAcknowledger>();

        Assert.Null(await acknowledger.AcknowledgeAsync(CallerOf("eve"), id, CancellationToken.None));
        Assert.Null(await acknowledger.AcknowledgeAsync(CallerOf("bob") with { Tenant = "other" }, id, CancellationToken.None));
        Assert.Null(await acknowledger.AcknowledgeAsync(CallerOf("bob"), "a\0b", CancellationToken.None));
        Assert.Equal("bob", (await acknowledger.AcknowledgeAsync(CallerOf("bob"), id, CancellationToken.None))?.AcknowledgedBy);
        await _app.ExpectEventsAsync(
            _tenant, "user:bob notification:new", "user:bob unread:changed", "user:bob notification:acknowledged", "user:bob unread:changed");
    }

    private Caller CallerOf(string user) => new(_tenant, user, user, [], false);

    private static Notice Notice(bool requiresAck) =>
        new(NoticeKind.TaskAssigned, Priority.High, "Title é", "Body", "/tasks/1", requiresAck);

    /// <summary>Notifies a user on behalf of ada.</summary>
    /// <returns>The notification's id.</returns>
    private Task<string> NotifyAsync(string user, bool requiresAck = false) => _app.Service<RecordWriter>().WriteAsync(
        CallerOf("ada"), record => record.NotifyAsync(user, Notice(requiresAck)), CancellationToken.None);
}
