using Clinic.Hosting;
using ErrorCode = Clinic.Errors.ErrorCode;

namespace Clinic.Security;

public sealed class DevTokenTests
{
    [Fact]
    public async Task A_token_for_the_asking_works()
    {
        await using var api = await TestApi.StartAsync();
        var token = await AskAsync(api, new { tenant = "t1", user = "u1", name = "Ada", roles = new[] { "nurse" }, expiresInSeconds = 60 });
        var seen = (await api.GetAsync("/api/test/user", token)).Json;
        Assert.Equal("t1 u1 Ada nurse", $"{seen.GetProperty("tenant")} {seen.GetProperty("user")} {seen.GetProperty("name")} {seen.GetProperty("roles")[0]}");
        var plain = (await api.GetAsync("/api/test/user", await AskAsync(api, new { tenant = "ü/1", user = "u 2" }))).Json;
        Assert.Equal("ü/1 u 2 u 2 staff", $"{plain.GetProperty("tenant")} {plain.GetProperty("user")} {plain.GetProperty("name")} {plain.GetProperty("roles")[0]}");
    }

    [Theory]
    [InlineData("""{"user":"u1"}""", "tenant")]
    [InlineData("""{"tenant":"","user":"u1"}""", "tenant")]
    [InlineData("""{"tenant":"t1"}""", "user")]
    [InlineData("""{"tenant":"t1","user":"u1","roles":[""]}""", "roles")]
    [InlineData("""{"tenant":"t1","user":"u1","expiresInSeconds":0}""", "expiresInSeconds")]
    [InlineData("""{"tenant":"t1","user":"u1","expiresInSeconds":-1}""", "expiresInSeconds")]
    [InlineData("""{"tenant":"t1","user":"u1","expiresInSeconds":86401}""", "expiresInSeconds")]
    [InlineData("""{"tenant":"t1","user":"u1","more":1}""", "more")]
    public async Task A_wrong_wish_names_the_field(string body, string field)
    {
        await using var api = await TestApi.StartAsync();
        (await api.SendAsync(HttpMethod.Post, "/dev/token", null, body)).IsInvalid(field);
    }

    [Fact]
    public async Task Outside_Development_the_route_does_not_exist()
    {
        await using var api = await TestApi.StartAsync("Production", null, ("Auth:SigningKey", "a-signing-key-that-is-long-enough-to-be-one"));
        (await api.SendAsync(HttpMethod.Post, "/dev/token", null, new { tenant = "t1", user = "u1" })).IsProblem(404, ErrorCode.NotFound);
        (await api.GetAsync("/api/test/user", Tokens.Of("t1", "u1"))).IsProblem(401, ErrorCode.Unauthenticated);
    }

    private static async Task<string> AskAsync(TestApi api, object wish) =>
        (await api.SendAsync(HttpMethod.Post, "/dev/token", null, wish)).Json.GetProperty("token").GetString()!;
}
