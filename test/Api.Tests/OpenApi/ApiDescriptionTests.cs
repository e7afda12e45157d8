using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Clinic.OpenApi;

public sealed partial class ApiDescriptionTests(DevelopmentApi api) : IClassFixture<DevelopmentApi>
{
    private readonly HttpClient _http = api.CreateClient();

    [Fact]
    public async Task Every_route_is_described_with_a_summary_its_answer_and_its_refusals()
    {
        var paths = (await ReadAsync())["paths"]!.AsObject();
        var routes = api.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(e => e.RoutePattern.RawText!.StartsWith("/api", StringComparison.Ordinal)
                || e.RoutePattern.RawText.StartsWith("/dev", StringComparison.Ordinal))
            .ToArray();
        Assert.True(routes.Length > 30, $"There are {routes.Length} routes only.");
        foreach (var route in routes)
        {
            var path = route.RoutePattern.RawText!.TrimEnd('/');
            var method = route.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods.Single();
            var operation = paths[path]?[method.ToLowerInvariant()]?.AsObject();
            Assert.True(operation is not null, $"{method} {path} is not described.");
            Assert.False(string.IsNullOrEmpty((string?)operation["summary"]), $"{method} {path} has no summary.");
            var answers = operation["responses"]!.AsObject();
            var success = answers.Single(a => a.Key[0] == '2');
            Assert.True(
                success.Key == "204" || success.Value!["content"]?["application/json"]?["schema"] is not null, $"{method} {path} does not say what it answers.");
            Assert.All(
                answers.Where(a => a.Key[0] != '2'),
                a => Assert.Equal("#/components/schemas/Problem", (string?)a.Value!["content"]!["application/problem+json"]!["schema"]!["$ref"]));
            Assert.Contains("400", answers.Select(a => a.Key));
            if (path.StartsWith("/api", StringComparison.Ordinal) && route.Metadata.GetMetadata<IAllowAnonymous>() is null)
            {
                Assert.NotEmpty(operation["security"]!.AsArray());
                Assert.Subset(answers.Select(a => a.Key).ToHashSet(), new HashSet<string> { "401", "403", "503" });
            }
        }
    }

    [Fact]
    public async Task A_body_says_what_has_to_be_there_and_what_times_look_like()
    {
        var document = await ReadAsync();
        var schemas = document["components"]!["schemas"]!;

        Assert.Equal(["durationMinutes", "patientId", "providerId", "reason", "startsAt"], RequiredOf("NewAppointment"));
        Assert.Equal(["title"], RequiredOf("NewTask"));
        Assert.Empty(RequiredOf("VitalsChange"));
        Assert.Equal(["name", "user"], RequiredOf("ChartViewer"));
        Assert.Equal("date-time", (string?)schemas["ClinicTask"]!["properties"]!["createdAt"]!["format"]);
        Assert.Equal("date-time", (string?)schemas["NewTask"]!["properties"]!["dueAt"]!["format"]);

        string[] RequiredOf(string schema) =>
            [.. (schemas[schema]!["required"]?.AsArray() ?? []).Select(name => (string)name!).Order(StringComparer.Ordinal)];
    }

    [Fact]
    public async Task Parameters_that_the_ground_reads_are_described()
    {
        var paths = (await ReadAsync())["paths"]!;

        Assert.Equal(["X-Tenant", "X-User", "assignedTo", "cursor", "limit", "status"], Parameters("/api/tasks", "get"));
        Assert.Equal(["Idempotency-Key", "X-Edit-Lease", "X-Tenant", "X-User", "id"], Parameters("/api/patients/{id}/vitals", "patch"));
        Assert.Equal(["X-Tenant"], Parameters("/api/events", "post"));
        Assert.Equal(["X-Tenant", "X-User", "before", "limit", "threadId"], Parameters("/api/messaging/{threadId}/messages", "get"));

        string[] Parameters(string path, string method) =>
            [.. paths[path]![method]!["parameters"]!.AsArray().Select(p => (string)p!["name"]!).Order(StringComparer.Ordinal)];
    }

    [Fact]
    public async Task The_page_to_try_it_loads_nothing_from_elsewhere()
    {
        var page = await _http.GetStringAsync(new Uri("/docs", UriKind.Relative));

        var loaded = Sources().Matches(page).Select(m => m.Groups[1].Value).ToArray();
        Assert.NotEmpty(loaded);
        foreach (var source in loaded)
        {
            Assert.DoesNotContain("//", source, StringComparison.Ordinal);
            using var answer = await _http.GetAsync(new Uri(new Uri("http://localhost/docs/"), source));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    private async Task<JsonNode> ReadAsync() => JsonNode.Parse(await _http.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative)))!;

    [GeneratedRegex("""(?:<script[^>]*\ssrc|<link[^>]*\shref)="([^"]+)["]""")]
    private static partial Regex Sources();
}

public sealed class ProductionDescriptionTests(ProductionApi api) : IClassFixture<ProductionApi>
{
    [Fact]
    public async Task Outside_Development_there_is_the_description_and_no_page()
    {
        using var http = api.CreateClient();
        using var description = await http.GetAsync(new Uri("/openapi/v1.json", UriKind.Relative));
        using var page = await http.GetAsync(new Uri("/docs", UriKind.Relative));

        Assert.Equal(HttpStatusCode.OK, description.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, page.StatusCode);
        Assert.False(JsonNode.Parse(await description.Content.ReadAsStringAsync())!["paths"]!.AsObject().ContainsKey("/dev/token"));
    }
}
