using Clinic.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using ErrorCode = Clinic.Errors.ErrorCode;

namespace Clinic.Security;

public sealed class TokenTests
{
    private const string Route = "/api/test/user";

    [Fact]
    public async Task A_user_is_who_the_token_says()
    {
        await using var api = await TestApi.StartAsync();
        var token = Tokens.Make(new { sub = "u1", tenant = "t1", name = "Ada", roles = new[] { "nurse", "admin" }, exp = Tokens.In(60) });
        var seen = (await api.GetAsync(Route, token)).Json;
        Assert.Equal("t1 u1 Ada False", $"{seen.GetProperty("tenant")} {seen.GetProperty("user")} {seen.GetProperty("name")} {seen.GetProperty("isService")}");
        Assert.Equal(["nurse", "admin"], seen.GetProperty("roles").EnumerateArray().Select(role => role.GetString()));
    }

    [Fact]
    public async Task A_single_role_may_come_as_text_and_a_name_that_can_not_be_shown_is_the_id()
    {
        await using var api = await TestApi.StartAsync();
        var token = Tokens.Make(new { sub = "u1", tenant = "t1", name = "a\0b", roles = "nurse", exp = Tokens.In(60) });
        var seen = (await api.GetAsync(Route, token)).Json;
        Assert.Equal("u1", seen.GetProperty("name").GetString());
        Assert.Equal("nurse", seen.GetProperty("roles")[0].GetString());
    }

    public static TheoryData<string, string> Refused()
    {
        var exp = Tokens.In(60);
        var good = Tokens.Of("t1", "u1");
        var data = new TheoryData<string, string>
        {
            { "garbage", "abc" },
            { "three parts of garbage", "a.b.c" },
            { "expired", Tokens.Make(new { sub = "u1", tenant = "t1", exp = Tokens.In(-1) }) },
            { "no end", Tokens.Make(new { sub = "u1", tenant = "t1" }) },
            { "not yet", Tokens.Make(new { sub = "u1", tenant = "t1", exp, nbf = Tokens.In(60) }) },
            { "another key", Tokens.Make(new { sub = "u1", tenant = "t1", exp }, "another-key-that-is-long-enough-to-be-one") },
            { "no signature", Tokens.Make(new { sub = "u1", tenant = "t1", exp }, algorithm: "none") },
            { "signature cut off", good[..(good.LastIndexOf('.') + 1)] },
            { "another algorithm", Tokens.Make(new { sub = "u1", tenant = "t1", exp }, algorithm: "HS512") },
            { "no user", Tokens.Make(new { tenant = "t1", exp }) },
            { "empty user", Tokens.Make(new { sub = "", tenant = "t1", exp }) },
            { "no clinic", Tokens.Make(new { sub = "u1", exp }) },
            { "two clinics", Tokens.Make(new { sub = "u1", tenant = new[] { "t1", "t2" }, exp }) },
            { "clinic is no id", Tokens.Make(new { sub = "u1", tenant = new string('x', 129), exp }) },
            { "clinic is an object", Tokens.Make(new { sub = "u1", tenant = new { id = "t1" }, exp }) },
            { "body changed", Swap(good, Tokens.Make(new { sub = "u2", tenant = "t2", exp })) },
        };
        return data;

        static string Swap(string token, string other) => $"{token.Split('.')[0]}.{other.Split('.')[1]}.{token.Split('.')[2]}";
    }

    [Fact]
    public async Task A_token_that_breaks_a_rule_is_refused_on_REST_and_by_the_validator_alike()
    {
        await using var api = await TestApi.StartAsync();
        var validator = api.Services.GetRequiredService<TokenValidator>();
        (await api.GetAsync(Route)).IsProblem(401, ErrorCode.Unauthenticated);
        Assert.Null(await validator.ValidateAsync(null));
        foreach (var row in Refused())
        {
            var (what, token) = ((string)row[0], (string)row[1]);
            var answer = await api.GetAsync(Route, token);
            Assert.True(answer.Status == 401, $"{what}: {answer.Status}");
            answer.IsProblem(401, ErrorCode.Unauthenticated);
            Assert.True(await validator.ValidateAsync(token) is null, what);
        }
    }

    [Fact]
    public async Task A_token_ends_at_its_very_second()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var api = await TestApi.StartAsync(time: time);
        var end = time.GetUtcNow().AddSeconds(30).ToUnixTimeSeconds();
        var token = Tokens.Make(new { sub = "u1", tenant = "t1", exp = end });
        time.SetUtcNow(DateTimeOffset.FromUnixTimeSeconds(end).AddMilliseconds(-1));
        Assert.Equal(200, (await api.GetAsync(Route, token)).Status);
        var valid = await api.Services.GetRequiredService<TokenValidator>().ValidateAsync(token);
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(end), valid!.Expires);
        time.Advance(TimeSpan.FromMilliseconds(1));
        (await api.GetAsync(Route, token)).IsProblem(401, ErrorCode.Unauthenticated);
    }

    [Fact]
    public async Task A_token_in_the_query_counts_on_the_hub_alone()
    {
        await using var api = await TestApi.StartAsync();
        var token = Tokens.Of("t1", "u1");
        (await api.GetAsync($"{Route}?access_token={token}")).IsProblem(401, ErrorCode.Unauthenticated);
        var negotiated = await api.SendAsync(HttpMethod.Post, $"/hubs/test/negotiate?negotiateVersion=1&access_token={token}");
        Assert.Equal(200, negotiated.Status);
        (await api.SendAsync(HttpMethod.Post, "/hubs/test/negotiate?negotiateVersion=1")).IsProblem(401, ErrorCode.Unauthenticated);
    }

    [Fact]
    public async Task Another_clinic_than_the_tokens_is_refused_on_REST_and_on_the_hub()
    {
        await using var api = await TestApi.StartAsync();
        var token = Tokens.Of("t1", "u1");
        Assert.Equal(200, (await api.GetAsync(Route, token, ("X-Tenant", "t1"))).Status);
        Assert.Equal(200, (await api.GetAsync($"{Route}?tenant=t1", token)).Status);
        (await api.GetAsync(Route, token, ("X-Tenant", "t2"))).IsProblem(403, ErrorCode.Forbidden);
        (await api.GetAsync(Route, token, ("X-Tenant", "t1"), ("X-Tenant", "t2"))).IsProblem(403, ErrorCode.Forbidden);
        (await api.GetAsync($"{Route}?tenant=t2", token)).IsProblem(403, ErrorCode.Forbidden);
        (await api.GetAsync($"/hubs/test?tenant=t2&access_token={token}")).IsProblem(403, ErrorCode.Forbidden);
        (await api.SendAsync(HttpMethod.Post, $"/hubs/test/negotiate?tenant=t2&access_token={token}")).IsProblem(403, ErrorCode.Forbidden);
        (await api.SendAsync(HttpMethod.Post, $"/hubs/test/negotiate?access_token={token}", null, null, ("X-Tenant", "t2"))).IsProblem(403, ErrorCode.Forbidden);
    }
}
