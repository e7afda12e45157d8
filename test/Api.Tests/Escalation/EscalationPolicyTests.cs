using System.Net;
using Clinic.Records;

namespace Clinic.Escalation;

public sealed class EscalationPolicyOnSqliteTests(SqliteRecordApp app) : EscalationPolicyTests(app), IClassFixture<SqliteRecordApp>;

public sealed class EscalationPolicyOnPostgreSqlTests(PostgreSqlRecordApp app) : EscalationPolicyTests(app), IClassFixture<PostgreSqlRecordApp>;

public abstract class EscalationPolicyTests(RecordApp app)
{
    private const string Path = "/api/escalation-policy";
    private const string Defaults = """
        {"urgent":{"afterSeconds":900,"list":[]},"high":{"afterSeconds":3600,"list":[]},"normal":{"afterSeconds":14400,"list":[]},"low":{"afterSeconds":86400,"list":[]}}
        """;

    private readonly RecordClient _admin = app.As(RecordApp.NewTenant(), "adi", "admin");

    [Fact]
    public async Task A_clinic_has_the_defaults_until_it_sets_its_own()
    {
        RecordAssert.SameJson(Defaults, (await _admin.GetAsync(Path)).Expect(HttpStatusCode.OK).Json);

        var set = await PutAsync(_admin, """{"urgent":{"afterSeconds":1,"list":["ben","cid"]},"low":null}""");

        var expected = Defaults.Replace("""{"afterSeconds":900,"list":[]}""", """{"afterSeconds":1,"list":["ben","cid"]}""", StringComparison.Ordinal);
        RecordAssert.SameJson(expected, set.Expect(HttpStatusCode.OK).Json);
        RecordAssert.SameJson(expected, (await _admin.GetAsync(Path)).Json);
        RecordAssert.SameJson(Defaults, (await app.As(RecordApp.NewTenant(), "adi", "admin").GetAsync(Path)).Json);

        RecordAssert.SameJson(Defaults, (await PutAsync(_admin, "{}")).Expect(HttpStatusCode.OK).Json);
        RecordAssert.SameJson(Defaults, (await _admin.GetAsync(Path)).Json);
    }

    [Fact]
    public async Task It_is_for_administrators_and_backends()
    {
        var nurse = app.As(_admin.Tenant, "ben", "nurse", "privacy_officer");
        (await nurse.GetAsync(Path)).ExpectProblem(HttpStatusCode.Forbidden, "forbidden");
        (await PutAsync(nurse, "{}")).ExpectProblem(HttpStatusCode.Forbidden, "forbidden");
        (await app.AsService(_admin.Tenant, "adi").GetAsync(Path)).Expect(HttpStatusCode.OK);
        Assert.Equal(0, await app.CountAsync("escalation_policy", _admin.Tenant));
    }

    [Theory]
    [InlineData("""{"urgent":{"afterSeconds":0,"list":[]}}""", "urgent.afterSeconds")]
    [InlineData("""{"high":{"afterSeconds":86401,"list":[]}}""", "high.afterSeconds")]
    [InlineData("""{"normal":{"list":[]}}""", "normal.afterSeconds")]
    [InlineData("""{"low":{"afterSeconds":5}}""", "low.list")]
    [InlineData("""{"urgent":{"afterSeconds":5,"list":["ben","ben"]}}""", "urgent.list")]
    [InlineData("""{"urgent":{"afterSeconds":5,"list":["ben",""]}}""", "urgent.list[1]")]
    [InlineData("""{"urgent":{"afterSeconds":5,"list":[null]}}""", "urgent.list[0]")]
    [InlineData("""{"critical":{"afterSeconds":5,"list":[]}}""", "critical")]
    public async Task A_policy_that_can_not_be_is_refused_by_the_name_of_its_field(string body, string field) =>
        (await PutAsync(_admin, body)).ExpectProblem(HttpStatusCode.BadRequest, "invalid", field);

    [Fact]
    public async Task A_list_has_at_most_20_users()
    {
        (await PutAsync(_admin, Of(20))).Expect(HttpStatusCode.OK);
        (await PutAsync(_admin, Of(21))).ExpectProblem(HttpStatusCode.BadRequest, "invalid", "urgent.list");

        static string Of(int users) =>
            $$"""{ "urgent":{"afterSeconds":5,"list":[{{string.Join(',', Enumerable.Range(0, users).Select(i => $"\"u{i}\""))}}] } }""";
    }

    private static Task<Reply> PutAsync(RecordClient client, string body) => client.SendAsync(HttpMethod.Put, Path, body);
}
