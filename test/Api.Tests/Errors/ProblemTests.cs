using System.Text;
using Clinic.Hosting;
using Clinic.Security;
using Microsoft.Extensions.Logging;

namespace Clinic.Errors;

public sealed class ProblemTests
{
    [Fact]
    public async Task A_refusal_of_the_framework_is_a_problem_document_too()
    {
        await using var api = await TestApi.StartAsync();
        (await api.GetAsync("/api/nothing")).IsProblem(404, ErrorCode.NotFound);
        (await api.GetAsync("/nothing", null, ("Accept", "text/html"))).IsProblem(404, ErrorCode.NotFound);
        (await api.SendAsync(HttpMethod.Delete, "/api/test/body")).IsProblem(405, ErrorCode.Invalid);
        (await api.SendAsync(HttpMethod.Post, "/api/test/body", null, new StringContent("a=b", Encoding.UTF8, "text/plain"))).IsProblem(415, ErrorCode.Invalid);
        (await api.GetAsync("/api/test/user")).IsProblem(401, ErrorCode.Unauthenticated);
        (await api.SendAsync(HttpMethod.Post, "/api/events", $"Bearer {Tokens.Of("t1", "u1")}", new { })).IsProblem(403, ErrorCode.Forbidden);
    }

    [Theory]
    [InlineData("""{"text":"a","unknown":1}""", "unknown")]
    [InlineData("""{"Inner":{"odd":1}}""", "odd")]
    [InlineData("""{"number":"1"}""", "number")]
    [InlineData("""{"inner":{"number":1.5}}""", "inner.number")]
    [InlineData("""{"number":99999999999}""", "number")]
    [InlineData("""{"time":"yesterday"}""", "time")]
    [InlineData("""{"text":5}""", "text")]
    [InlineData("""{"text":"a","text":"b"}""", "text")]
    [InlineData("""{"text":""", "body")]
    [InlineData("nonsense", "body")]
    [InlineData("[]", "body")]
    [InlineData("null", "body")]
    [InlineData("", "body")]
    public async Task A_body_that_can_not_be_read_names_the_field(string body, string field)
    {
        await using var api = await TestApi.StartAsync();
        (await api.SendAsync(HttpMethod.Post, "/api/test/body", null, body)).IsInvalid(field);
    }

    [Fact]
    public async Task A_query_that_can_not_be_read_names_the_parameter()
    {
        await using var api = await TestApi.StartAsync("Production", null, ("Auth:SigningKey", "a-signing-key-that-is-long-enough-to-be-one"));
        (await api.GetAsync("/api/test/date")).IsInvalid("date");
        (await api.GetAsync("/api/test/date?date=tomorrow")).IsInvalid("date");
    }

    [Fact]
    public async Task A_body_over_the_limit_is_refused_whether_or_not_it_says_its_length()
    {
        await using var api = await TestApi.StartAsync();
        var text = new string('x', LimitOptions.MaxBodyBytes - """{"text":""}""".Length);
        Assert.Equal(200, (await api.SendAsync(HttpMethod.Post, "/api/test/body", null, $$"""{"text":"{{text}}"}""")).Status);
        (await api.SendAsync(HttpMethod.Post, "/api/test/body", null, $$"""{"text":"{{text}}y"}""")).IsProblem(413, ErrorCode.LimitExceeded);
        using var unsized = new StreamContent(new Unsized(Encoding.UTF8.GetBytes($$"""{"text":"{{text}}y"}""")));
        unsized.Headers.ContentType = new("application/json");
        (await api.SendAsync(HttpMethod.Post, "/api/test/body", null, unsized)).IsProblem(413, ErrorCode.LimitExceeded);
    }

    [Theory]
    [InlineData("timeout", 503, ErrorCode.Unavailable)]
    [InlineData("orleans", 503, ErrorCode.Unavailable)]
    [InlineData("busy", 503, ErrorCode.Unavailable)]
    [InlineData("constraint", 500, ErrorCode.Internal)]
    [InlineData("bug", 500, ErrorCode.Internal)]
    public async Task An_exception_is_an_outage_or_a_bug_and_tells_nothing(string what, int status, string code)
    {
        foreach (var environment in (string[])["Development", "Production"])
        {
            await using var api = await TestApi.StartAsync(environment, null, ("Auth:SigningKey", "a-signing-key-that-is-long-enough-to-be-one"));
            var answer = await api.GetAsync($"/api/test/throw/{what}");
            answer.IsProblem(status, code);
            Assert.Equal(status == 503, answer.Headers.RetryAfter is not null);
            Assert.DoesNotContain("secret", answer.Text, StringComparison.OrdinalIgnoreCase);
            var log = Assert.Single(api.Log.Entries, entry => entry.Category == typeof(ProblemExceptionHandler).FullName);
            Assert.Equal(status == 503 ? LogLevel.Warning : LogLevel.Error, log.Level);
            Assert.Contains("/api/test/throw/{what}", log.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Only_origins_that_were_named_may_call_from_a_browser()
    {
        await using var api = await TestApi.StartAsync("Development", null, ("Cors:Origins:0", "https://app.example.com"));
        var preflight = ("Access-Control-Request-Method", "POST");
        var asked = await api.SendAsync(HttpMethod.Options, "/api/events", null, null, ("Origin", "https://app.example.com"), preflight);
        Assert.Equal("https://app.example.com", Allowed(asked));
        Assert.Equal("https://app.example.com", Allowed(await api.GetAsync("/api/test/user", null, ("Origin", "https://app.example.com"))));
        Assert.Equal("https://app.example.com", Allowed(await api.GetAsync("/api/test/throw/bug", null, ("Origin", "https://app.example.com"))));
        Assert.Null(Allowed(await api.GetAsync("/api/test/user", null, ("Origin", "https://evil.example.com"))));

        static string? Allowed(Answer answer) =>
            answer.Headers.TryGetValues("Access-Control-Allow-Origin", out var values) ? values.Single() : null;
    }

    [Fact]
    public async Task Health_and_metrics_answer_without_a_token()
    {
        await using var api = await TestApi.StartAsync();
        Assert.Equal((200, "Healthy"), ((await api.GetAsync("/health/live")).Status, (await api.GetAsync("/health/ready")).Text));
        var metrics = await api.GetAsync("/metrics");
        Assert.Equal((200, "text/plain"), (metrics.Status, metrics.ContentType));
        Assert.Contains("kestrel_active_connections", metrics.Text, StringComparison.Ordinal);
    }

    private sealed class Unsized(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
