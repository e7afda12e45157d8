using System.Net;
using Clinic.Records;
using Clinic.Storage;
using Clinic.Topics;

namespace Clinic.Charts;

public sealed class AccessLogOnSqliteTests(SqliteRecordApp app) : AccessLogRoutesTests(app), IClassFixture<SqliteRecordApp>;

public sealed class AccessLogOnPostgreSqlTests(PostgreSqlRecordApp app) : AccessLogRoutesTests(app), IClassFixture<PostgreSqlRecordApp>;

public abstract class AccessLogRoutesTests(RecordApp app)
{
    private static readonly DateTimeOffset Noon = new(2031, 5, 6, 12, 0, 0, TimeSpan.Zero);

    private readonly string _tenant = RecordApp.NewTenant();

    [Theory]
    [InlineData("admin", HttpStatusCode.OK)]
    [InlineData("privacy_officer", HttpStatusCode.OK)]
    [InlineData("provider", HttpStatusCode.Forbidden)]
    [InlineData("patient", HttpStatusCode.Forbidden)]
    public async Task Only_those_who_answer_for_privacy_may_ask(string role, HttpStatusCode status) =>
        (await app.As(_tenant, "ada", role).GetAsync("/api/patients/p1/access-log")).Expect(status);

    [Fact]
    public async Task The_log_shows_who_had_the_chart_open_newest_first()
    {
        await OpenAsync("a1", "p1", "ada", 0, 10, "user");
        await OpenAsync("a2", "p1", "bob", 5, null, null, "second opinion");
        await OpenAsync("a3", "p2", "cyd", 5, null, null);
        await OpenAsync("a1 elsewhere", "p1", "dan", 5, null, null, tenant: RecordApp.NewTenant());

        var log = (await Officer.GetAsync("/api/patients/p1/access-log")).Expect(HttpStatusCode.OK);

        Assert.Equal(
            """
            {"items":[{"user":"bob","name":"bob's name","reason":"second opinion","openedAt":"2031-05-06T12:05:00.000Z","closedAt":null,"closedBy":null},
            {"user":"ada","name":"ada's name","reason":null,"openedAt":"2031-05-06T12:00:00.000Z","closedAt":"2031-05-06T12:10:00.000Z","closedBy":"user"}],"next":null}
            """.ReplaceLineEndings(""),
            System.Text.RegularExpressions.Regex.Unescape(log.Body));
    }

    [Theory]
    [InlineData("2031-05-06T11:59:59.999Z", "")]
    [InlineData("2031-05-06T12:00:00Z", "ada")]
    [InlineData("2031-05-06T14:07:00%2B02:00", "bob,ada")]
    [InlineData("2031-05-06T12:10:00Z", "bob")]
    [InlineData("2040-01-01T00:00:00Z", "bob")]
    public async Task At_a_time_it_shows_those_who_had_it_open_then(string at, string users)
    {
        await OpenAsync("a1", "p1", "ada", 0, 10, "user");
        await OpenAsync("a2", "p1", "bob", 5, null, null);

        var log = (await Officer.GetAsync($"/api/patients/p1/access-log?at={at}")).Expect(HttpStatusCode.OK).Json;

        Assert.Equal(users, string.Join(',', log["items"]!.AsArray().Select(i => (string?)i!["user"])));
    }

    [Fact]
    public async Task A_long_log_comes_page_by_page()
    {
        for (var i = 0; i < 5; i++)
        {
            await OpenAsync($"a{i}", "p1", $"u{i}", i / 2, null, null);
        }

        var users = new List<string?>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = (await Officer.GetAsync($"/api/patients/p1/access-log?at=2032-01-01T00:00:00Z&limit=2{cursor}")).Expect(HttpStatusCode.OK).Json;
            users.AddRange(page["items"]!.AsArray().Select(i => (string?)i!["user"]));
            cursor = page["next"] is { } next ? $"&cursor={next}" : null;
        }

        Assert.Equal(["u4", "u3", "u2", "u1", "u0"], users);
    }

    [Theory]
    [InlineData("at=now", "at")]
    [InlineData("at=2031-05-06T12:00:00", "at")]
    [InlineData("at=", "at")]
    [InlineData("limit=-1", "limit")]
    [InlineData("cursor=!", "cursor")]
    public async Task A_wrong_question_names_the_parameter(string query, string field) =>
        (await Officer.GetAsync($"/api/patients/p1/access-log?{query}")).ExpectProblem(HttpStatusCode.BadRequest, "invalid", field);

    private RecordClient Officer => app.As(_tenant, "olga", "privacy_officer");

    private async Task OpenAsync(
        string id, string patient, string user, int fromMinute, int? toMinute, string? closedBy, string? reason = null, string? tenant = null)
    {
        var store = new ChartStore(app.Service<ClinicDatabase>(), app.Time);
        var unique = $"{_tenant} {id}";
        await store.OpenAsync(
            new AccessInterval(unique, TopicId.ForPatient(tenant ?? _tenant, patient), user, $"{user}'s name", reason, Noon.AddMinutes(fromMinute)),
            CancellationToken.None);
        if (toMinute is { } minute)
        {
            await store.CloseAsync([new AccessEnd(unique, Noon.AddMinutes(minute), closedBy!)], CancellationToken.None);
        }
    }
}
