using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Clinic.OpenApi;
using Microsoft.Extensions.DependencyInjection;

namespace Clinic.Demo;

public sealed class DemoServicesTests(DevelopmentApi development, ProductionApi production) : IClassFixture<DevelopmentApi>, IClassFixture<ProductionApi>
{
    private static readonly Uri Staff = new("/api/demo/staff", UriKind.Relative);

    [Fact]
    public async Task In_Development_anybody_may_ask_whom_they_can_sign_in_as()
    {
        using var http = development.CreateClient();
        var staff = (await http.GetFromJsonAsync<JsonArray>(Staff))!;

        Assert.Equal(14, staff.Count);
        Assert.Equal(
            """{"tenant":"demo-north","clinic":"Sample Clinic North","user":"provider-1","name":"Dr. Example 1","roles":["provider"]}""",
            staff[0]!.ToJsonString());
        Assert.Equal(14, staff.Select(user => (user!["tenant"]!.ToString(), user["user"]!.ToString())).Distinct().Count());
        using var token = await http.PostAsJsonAsync(new Uri("/dev/token", UriKind.Relative), new { tenant = "demo-north", user = "provider-1" });
        Assert.Equal(HttpStatusCode.OK, token.StatusCode);
    }

    [Fact]
    public async Task Without_the_setting_there_is_nothing_outside_Development()
    {
        using var http = production.CreateClient();
        using var answer = await http.GetAsync(Staff);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Null(production.Services.GetService<DemoSeed>());
    }

    [Theory]
    [InlineData("Development", "false", false)]
    [InlineData("Production", "true", true)]
    public async Task The_setting_decides_and_who_can_be_signed_in_as_is_never_told_outside_Development(string environment, string seed, bool writes)
    {
        await using var whole = new WholeApi(environment);
        await using var api = whole.WithWebHostBuilder(builder => builder.UseSetting("Demo:Seed", seed));
        using var http = api.CreateClient();
        using var answer = await http.GetAsync(Staff);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal(writes, api.Services.GetService<DemoSeed>() is not null);
    }
}
