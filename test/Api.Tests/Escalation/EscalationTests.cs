using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Clinic.Hosting;
using Clinic.Presence;
using Clinic.Records;
using Clinic.Storage;
using Clinic.Topics;
using Microsoft.Extensions.Logging.Abstractions;

namespace Clinic.Escalation;

public sealed class EscalationOnSqliteTests(SqliteRecordApp app) : EscalationTests(app), IClassFixture<SqliteRecordApp>;

public sealed class EscalationOnPostgreSqlTests(PostgreSqlRecordApp app) : EscalationTests(app), IClassFixture<PostgreSqlRecordApp>;

/// <summary>From the route that makes a critical result to the rows, events and counts of its escalation; the silos' part runs when a test says so.</summary>
public abstract class EscalationTests
{
    private static readonly TimeSpan After = TimeSpan.FromSeconds(10);
    private readonly RecordApp _app;
    private readonly string _tenant = RecordApp.NewTenant();
    private readonly RecordClient _admin;
    private readonly RecordClient _ann;
    private readonly RecordClient _ben;
    private readonly RecordClient _cid;

    protected EscalationTests(RecordApp app)
    {
        _app = app;
        _admin = app.As(_tenant, "adi", "admin");
        _ann = app.As(_tenant, "ann", "provider");
        _ben = app.As(_tenant, "ben", "nurse");
        _cid = app.As(_tenant, "cid", "nurse");
    }

    [Fact]
    public async Task A_critical_result_goes_to_the_next_when_its_time_is_up_and_everybody_concerned_is_told()
    {
        await SetPolicyAsync("ben", "cid");
        var id = await CriticalAsync();
        var silo = new Silo(this);

        await silo.RoundAfterAsync(After - TimeSpan.FromMilliseconds(1));
        Assert.Empty(await StepsAsync(id));
        await silo.RoundAfterAsync(TimeSpan.FromMilliseconds(1));

        var at = Rfc3339.Format(_app.Time.GetUtcNow());
        var due = Rfc3339.Format(_app.Time.GetUtcNow() + After);
        var own = Assert.Single(await _ben.ReadAllAsync("/api/notifications?unacknowledged=true"));
        var ownId = (string)own["id"]!;
        Assert.NotEqual(id, ownId);
        Assert.Equal((true, "urgent", at), ((bool)own["requiresAck"]!, (string)own["priority"]!, (string)own["createdAt"]!));
        var events = await _app.ExpectEventsAsync(
            _tenant,
            "user:ann notification:new",
            "user:ann unread:changed",
            "user:ben notification:new",
            "user:ben unread:changed",
            "user:ann notification:escalated",
            "user:ben notification:escalated");
        RecordAssert.SameJson(
            $$"""{"id":"{{ownId}}","kind":"lab_result_ready","priority":"urgent","title":"Critical result: Potassium","body":"7.1 mmol/l (final)","link":"/patients/p1","requiresAck":true}""",
            events[2].Json);
        RecordAssert.SameJson("""{"messages":0,"notifications":1}""", events[3].Json);
        RecordAssert.SameJson(Escalated(id), events[4].Json);
        RecordAssert.SameJson(Escalated(ownId), events[5].Json);
        Assert.All(events.Skip(2), e => Assert.Null(e.Author));
        Assert.Equal(["ann", "ben"], silo.Told.Where(t => t.Tenant == _tenant).Select(t => t.Id).Distinct().Order());

        string Escalated(string receiver) =>
            $$"""{"id":"{{receiver}}","matter":"{{id}}","from":"ann","to":"ben","reason":"not_acknowledged","step":1,"at":"{{at}}","dueAt":"{{due}}"}""";
    }

    [Fact]
    public async Task Who_is_present_gets_it_before_who_is_first_in_the_list()
    {
        await SetPolicyAsync("ben", "cid", "dan");
        var id = await CriticalAsync();
        var silo = new Silo(this) { Present = [Entry("ben", PresenceStatus.Reconnecting), Entry("cid", PresenceStatus.Away), Entry("dan", PresenceStatus.Active)] };

        await silo.RoundAfterAsync(After);
        await silo.RoundAfterAsync(After);
        await silo.RoundAfterAsync(After);

        Assert.Equal(["dan", "cid", "ben"], (await StepsAsync(id)).Select(s => (string?)s["to"]));
    }

    [Fact]
    public async Task A_clinic_that_can_not_say_who_is_present_does_not_stop_it()
    {
        await SetPolicyAsync("ben", "cid");
        var id = await CriticalAsync();

        await new Silo(this) { Asked = _ => throw new InvalidOperationException("Nobody there.") }.RoundAfterAsync(After);

        Assert.Equal("ben", (string?)Assert.Single(await StepsAsync(id))["to"]);
    }

    [Fact]
    public async Task A_clinic_that_does_not_answer_who_is_present_is_not_waited_for()
    {
        await SetPolicyAsync("ben", "cid");
        var id = await CriticalAsync();
        var asked = new TaskCompletionSource();
        var silo = new Silo(this)
        {
            Asked = _ =>
            {
                asked.TrySetResult();
                return new TaskCompletionSource<PresenceSnapshot>().Task;
            },
        };

        var round = silo.RoundAfterAsync(After);
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(30));
        while (!round.IsCompleted)
        {
            // The wait for the answer may begin a moment after the question.
            _app.Time.Advance(TimeSpan.FromMilliseconds(300));
            await Task.Yield();
        }

        await round;
        Assert.Equal("ben", (string?)Assert.Single(await StepsAsync(id))["to"]);
    }

    [Fact]
    public async Task With_nobody_left_all_are_reminded_again_and_again_and_no_notification_is_added()
    {
        await SetPolicyAsync("ben");
        var id = await CriticalAsync();
        var silo = new Silo(this);
        for (var i = 0; i < 3; i++)
        {
            await silo.RoundAfterAsync(After);
        }

        Assert.Equal(
            [(1, "ann", "ben", "not_acknowledged"), (2, "ben", "ben", "nobody_left"), (3, "ben", "ben", "nobody_left")],
            (await StepsAsync(id)).Select(s => ((int)s["step"]!, (string)s["from"]!, (string)s["to"]!, (string)s["reason"]!)));
        Assert.Single(await _ben.ReadAllAsync("/api/notifications"));
        Assert.Single(await _ann.ReadAllAsync("/api/notifications"));
        var reminded = (await _app.EventsAsync(_tenant)).Where(e => e.Type == "notification:escalated").Select(e => (e.At, (int)e.Json["step"]!));
        Assert.Equal([("user:ann", 1), ("user:ben", 1), ("user:ann", 2), ("user:ben", 2), ("user:ann", 3), ("user:ben", 3)], reminded);
    }

    [Fact]
    public async Task Without_a_policy_the_owner_is_reminded_after_a_quarter_of_an_hour()
    {
        var id = await CriticalAsync();
        var silo = new Silo(this);

        await silo.RoundAfterAsync(TimeSpan.FromMinutes(15) - TimeSpan.FromMilliseconds(1));
        Assert.Empty(await StepsAsync(id));
        await silo.RoundAfterAsync(TimeSpan.FromMilliseconds(1));

        var step = Assert.Single(await StepsAsync(id));
        Assert.Equal(("ann", "nobody_left"), ((string?)step["to"], (string?)step["reason"]));
    }

    [Theory]
    [InlineData("ann")]
    [InlineData("ben")]
    public async Task Whoever_of_those_concerned_acknowledges_ends_it_for_all(string who)
    {
        await SetPolicyAsync("ben", "cid");
        var id = await CriticalAsync();
        var silo = new Silo(this);
        await silo.RoundAfterAsync(After);
        var bens = (string)(await _ben.ReadAllAsync("/api/notifications"))[0]["id"]!;
        var before = (await _app.EventsAsync(_tenant)).Count;

        var own = who == "ann" ? id : bens;
        var answer = (await _app.As(_tenant, who).PostAsync($"/api/notifications/{own}/ack", "")).Expect(HttpStatusCode.OK);

        Assert.Equal((own, who), (answer.Id, (string?)answer.Json["acknowledgedBy"]));
        Assert.All(
            (await _ann.ReadAllAsync("/api/notifications")).Concat(await _ben.ReadAllAsync("/api/notifications")),
            n => Assert.Equal(who, (string?)n["acknowledgedBy"]));
        var events = (await _app.EventsAsync(_tenant)).Skip(before).ToArray();
        Assert.Equal(
            ["user:ann notification:acknowledged", "user:ann unread:changed", "user:ben notification:acknowledged", "user:ben unread:changed"],
            events.Select(e => e.ToString()));
        Assert.Equal([id, bens], new[] { events[0], events[2] }.Select(e => (string?)e.Json["id"]));
        Assert.All([events[0], events[2]], e => Assert.Equal(who, (string?)e.Json["by"]));
        Assert.All([events[1], events[3]], e => Assert.Equal(0, (int)e.Json["notifications"]!));

        await silo.RoundAfterAsync(After * 5);
        Assert.Single(await StepsAsync(id));
        var history = await HistoryAsync(_ann, id);
        Assert.Equal((who, "ben"), ((string?)history["acknowledgedBy"], (string?)history["owner"]));
        Assert.Null(history["dueAt"]);
    }

    [Fact]
    public async Task The_new_owner_may_acknowledge_by_the_first_notifications_id_and_others_may_not()
    {
        await SetPolicyAsync("ben");
        var id = await CriticalAsync();
        await new Silo(this).RoundAfterAsync(After);

        (await _cid.PostAsync($"/api/notifications/{id}/ack", "")).ExpectProblem(HttpStatusCode.NotFound, "not_found");
        var answer = (await _ben.PostAsync($"/api/notifications/{id}/ack", "")).Expect(HttpStatusCode.OK);

        Assert.NotEqual(id, answer.Id);
        Assert.Equal("ben", (string?)(await _ann.ReadAllAsync("/api/notifications"))[0]["acknowledgedBy"]);
    }

    [Fact]
    public async Task Of_many_that_acknowledge_at_once_one_does()
    {
        await SetPolicyAsync("ben", "cid");
        var id = await CriticalAsync();
        var silo = new Silo(this);
        await silo.RoundAfterAsync(After);
        await silo.RoundAfterAsync(After);
        var all = new[] { _ann, _ben, _cid };
        var before = (await _app.EventsAsync(_tenant)).Count;

        var replies = await Task.WhenAll(Enumerable.Range(0, 15).Select(i => all[i % 3].PostAsync($"/api/notifications/{id}/ack", "")));

        Assert.Single(replies.Select(r => (string?)r.Expect(HttpStatusCode.OK).Json["acknowledgedBy"]).Distinct());
        Assert.Equal(6, (await _app.EventsAsync(_tenant)).Count - before);
        await AssertCountsAsync("ann", "ben", "cid");
    }

    [Fact]
    public async Task Of_an_acknowledgement_and_a_step_at_the_same_moment_either_both_count_or_the_step_comes_too_late()
    {
        await SetPolicyAsync("ben");
        var stepped = 0;
        var ids = new List<string>();
        for (var i = 0; i < 12; i++)
        {
            ids.Add(await CriticalAsync());
        }

        _app.Time.Advance(After);
        var silo = new Silo(this);
        await Task.WhenAll([silo.RoundAfterAsync(TimeSpan.Zero), .. ids.Select(id => _ann.PostAsync($"/api/notifications/{id}/ack", ""))]);

        foreach (var id in ids)
        {
            var steps = await StepsAsync(id);
            stepped += steps.Count;
            Assert.InRange(steps.Count, 0, 1);
            Assert.Equal("ann", (string?)(await HistoryAsync(_ann, id))["acknowledgedBy"]);
        }

        var bens = await _ben.ReadAllAsync("/api/notifications");
        Assert.Equal(stepped, bens.Count);
        Assert.All(bens, n => Assert.Equal("ann", (string?)n["acknowledgedBy"]));
        await AssertCountsAsync("ann");
        await silo.RoundAfterAsync(After * 3);
        Assert.Equal(stepped, (await _ben.ReadAllAsync("/api/notifications")).Count);
    }

    [Fact]
    public async Task Silos_that_all_believe_to_lead_take_each_step_once()
    {
        await SetPolicyAsync("ben", "cid");
        var ids = new List<string>();
        for (var i = 0; i < 130; i++)
        {
            ids.Add(await CriticalAsync());
        }

        _app.Time.Advance(After);
        await using var other = _app.Provider == StorageProvider.PostgreSql ? new ClinicDatabase(_app.DatabaseOptions) : null;
        Silo[] silos = [new(this), new(this, other), new(this, other)];
        await Task.WhenAll(silos.Select(s => s.RoundAfterAsync(TimeSpan.Zero)));

        Assert.Equal(ids.Count, await _app.CountAsync("escalation_step", _tenant));
        Assert.Equal(ids.Count, (await _ben.ReadAllAsync("/api/notifications", 200)).Count);
        Assert.Equal(ids.Count, (await _app.EventsAsync(_tenant)).Count(e => e.ToString() == "user:ben notification:new"));
        // So that later tests' rounds don't go on with them.
        await Task.WhenAll(ids.Select(id => _ann.PostAsync($"/api/notifications/{id}/ack", "")));
    }

    [Fact]
    public async Task A_silo_that_starts_long_after_takes_one_step_at_once_and_the_new_owner_has_the_whole_time()
    {
        await SetPolicyAsync("ben", "cid");
        var id = await CriticalAsync();
        _app.Time.Advance(TimeSpan.FromDays(2));

        await new Silo(this).RoundAfterAsync(TimeSpan.Zero);
        await new Silo(this).RoundAfterAsync(After - TimeSpan.FromMilliseconds(1));
        Assert.Equal("ben", (string?)Assert.Single(await StepsAsync(id))["to"]);
        await new Silo(this).RoundAfterAsync(TimeSpan.FromMilliseconds(1));
        Assert.Equal(2, (await StepsAsync(id)).Count);
    }

    [Fact]
    public async Task A_silo_that_does_not_lead_takes_only_what_the_leader_left()
    {
        await SetPolicyAsync("ben");
        var id = await CriticalAsync();
        var second = TimeSpan.FromSeconds(1);

        await new Silo(this) { Overdue = second }.RoundAfterAsync(After + second - TimeSpan.FromMilliseconds(1));
        Assert.Empty(await StepsAsync(id));
        await new Silo(this) { Overdue = second }.RoundAfterAsync(TimeSpan.FromMilliseconds(1));
        Assert.Single(await StepsAsync(id));
    }

    [Fact]
    public async Task What_needs_no_acknowledgement_stays_with_its_user()
    {
        await SetPolicyAsync("ben");
        (await _app.As(_tenant, "lab").PostAsync("/api/lab-results", Result("normal"))).Expect(HttpStatusCode.Created);
        await new Silo(this).RoundAfterAsync(TimeSpan.FromDays(2));

        Assert.Equal(0, await _app.CountAsync("escalation", _tenant));
        Assert.Empty(await _ben.ReadAllAsync("/api/notifications"));
    }

    [Fact]
    public async Task The_history_is_for_those_concerned_and_for_administrators()
    {
        await SetPolicyAsync("ben");
        var id = await CriticalAsync();
        var silo = new Silo(this);
        await silo.RoundAfterAsync(After);
        await silo.RoundAfterAsync(After);
        var at = Rfc3339.Format(_app.Time.GetUtcNow());
        var first = Rfc3339.Format(_app.Time.GetUtcNow() - After);
        var bens = (string)(await _ben.ReadAllAsync("/api/notifications"))[0]["id"]!;

        foreach (var (caller, path) in new[] { (_ann, id), (_ben, id), (_ben, bens), (_admin, id), (_admin, bens) })
        {
            RecordAssert.SameJson(
                $$"""
                {"matter":"{{id}}","owner":"ben","dueAt":"{{Rfc3339.Format(_app.Time.GetUtcNow() + After)}}","acknowledgedAt":null,"acknowledgedBy":null,
                 "items":[{"step":1,"at":"{{first}}","from":"ann","to":"ben","reason":"not_acknowledged"},
                          {"step":2,"at":"{{at}}","from":"ben","to":"ben","reason":"nobody_left"}],"next":null}
                """,
                await HistoryAsync(caller, path));
        }

        Assert.Equal([1, 2], (await _ann.ReadAllAsync($"/api/notifications/{id}/escalation", 1)).Select(s => (int)s["step"]!));
        (await _cid.GetAsync($"/api/notifications/{id}/escalation")).ExpectProblem(HttpStatusCode.NotFound, "not_found");
        (await _ann.GetAsync("/api/notifications/none/escalation")).ExpectProblem(HttpStatusCode.NotFound, "not_found");
        (await _app.As(RecordApp.NewTenant(), "ann", "admin").GetAsync($"/api/notifications/{id}/escalation")).ExpectProblem(HttpStatusCode.NotFound, "not_found");
        (await _ann.GetAsync($"/api/notifications/{id}/escalation?cursor=x")).ExpectProblem(HttpStatusCode.BadRequest, "invalid", "cursor");
    }

    private Task<IReadOnlyList<JsonNode>> StepsAsync(string id) => _admin.ReadAllAsync($"/api/notifications/{id}/escalation");

    private static async Task<JsonNode> HistoryAsync(RecordClient caller, string id) =>
        (await caller.GetAsync($"/api/notifications/{id}/escalation")).Expect(HttpStatusCode.OK).Json;

    private async Task SetPolicyAsync(params string[] list)
    {
        var users = string.Join(',', list.Select(u => $"\"{u}\""));
        (await _admin.SendAsync(HttpMethod.Put, "/api/escalation-policy", $$"""{"urgent":{"afterSeconds":10,"list":[{{users}}] } }""")).Expect(HttpStatusCode.OK);
    }

    /// <summary>Enters a critical result that ann ordered.</summary>
    /// <returns>The id of her notification.</returns>
    private async Task<string> CriticalAsync()
    {
        var known = (await _app.EventsAsync(_tenant)).Count;
        (await _app.As(_tenant, "lab").PostAsync("/api/lab-results", Result("critical"))).Expect(HttpStatusCode.Created);
        return (string)(await _app.EventsAsync(_tenant)).Skip(known).First(e => e.ToString() == "user:ann notification:new").Json["id"]!;
    }

    private static string Result(string abnormal) =>
        $$"""{"patientId":"p1","orderedBy":"ann","test":"Potassium","value":"7.1","unit":"mmol/l","status":"final","abnormal":"{{abnormal}}"}""";

    /// <summary>Each user's last told count is what is open.</summary>
    private async Task AssertCountsAsync(params string[] users)
    {
        var events = await _app.EventsAsync(_tenant);
        foreach (var user in users)
        {
            var open = (await _app.As(_tenant, user).ReadAllAsync("/api/notifications?unacknowledged=true")).Count;
            Assert.Equal(open, (int)events.Last(e => e.ToString() == $"user:{user} unread:changed").Json["notifications"]!);
        }
    }

    private static PresenceEntry Entry(string user, PresenceStatus status) =>
        new(user, user, "nurse", status, 1, DateTimeOffset.UnixEpoch, null, false, []);

    /// <summary>A silo's part.</summary>
    private sealed class Silo
    {
        private readonly EscalationTests _test;
        private readonly Escalator _escalator;

        public Silo(EscalationTests test, ClinicDatabase? database = null)
        {
            _test = test;
            Asked = _ => Task.FromResult(new PresenceSnapshot("e", 1, true, Present));
            _escalator = new Escalator(
                new EscalationStore(database ?? test._app.Database),
                tenant => Asked(tenant),
                user =>
                {
                    Told.Enqueue(user);
                    return Task.CompletedTask;
                },
                new EscalationMetrics(new NoMeters()),
                test._app.Time,
                NullLogger<Escalator>.Instance);
        }

        public Func<TopicId, Task<PresenceSnapshot>> Asked { get; init; }

        public PresenceEntry[] Present { get; init; } = [];

        public TimeSpan Overdue { get; init; }

        public ConcurrentQueue<TopicId> Told { get; } = new();

        public Task RoundAfterAsync(TimeSpan time)
        {
            _test._app.Time.Advance(time);
            return _escalator.RunRoundAsync(Overdue, CancellationToken.None);
        }
    }
}
