using System.Net;
using System.Text.RegularExpressions;
using Clinic.Errors;
using Clinic.OpenApi;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Clinic.WebApp;

public sealed partial class WebAppTests : IAsyncLifetime
{
    private const string Html = "<html><meta property=\"csp-nonce\" nonce=\"__CSP_NONCE__\"><script src=\"/assets/index-abc123.js\"></script></html>";
    private readonly string _directory = Directory.CreateTempSubdirectory("clinic-web-").FullName;
    private readonly List<WebApplication> _apps = [];
    private HttpClient _client = null!;

    public async Task InitializeAsync()
    {
        var assets = Directory.CreateDirectory(Path.Combine(_directory, "wwwroot", "assets")).FullName;
        await File.WriteAllTextAsync(Path.Combine(_directory, "wwwroot", "index.html"), Html);
        await File.WriteAllTextAsync(Path.Combine(_directory, "wwwroot", "color-scheme.js"), "// scheme");
        await File.WriteAllTextAsync(Path.Combine(_directory, "wwwroot", "secret.unknown"), "no type");
        await File.WriteAllTextAsync(Path.Combine(_directory, "outside.js"), "// outside");
        await File.WriteAllTextAsync(Path.Combine(assets, "index-abc123.js"), "// script");
        await File.WriteAllTextAsync(Path.Combine(assets, "index-abc123.js.br"), "compressed");
        _client = await StartAsync(_directory);
    }

    public async Task DisposeAsync()
    {
        foreach (var app in _apps)
        {
            await app.DisposeAsync();
        }

        Directory.Delete(_directory, recursive: true);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/index.html")]
    [InlineData("/schedule?date=2026-03-02")]
    [InlineData("/patients/a.b%2Fc")]
    [InlineData("/apiary")]
    public async Task A_browser_gets_the_page_at_every_address_of_the_application(string path)
    {
        using var answer = await SendAsync(HttpMethod.Get, path, "text/html,application/xhtml+xml,*/*;q=0.8");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("text/html; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        Assert.Equal("no-store", Header(answer, "Cache-Control"));
        Assert.Contains("/assets/index-abc123.js", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_policy_allows_scripts_from_here_alone_and_styles_by_the_nonce_of_this_answer()
    {
        var nonces = new HashSet<string>();
        for (var i = 0; i < 3; i++)
        {
            using var answer = await SendAsync(HttpMethod.Get, "/", "text/html");
            var directives = Header(answer, "Content-Security-Policy").Split("; ").ToDictionary(d => d.Split(' ')[0], d => d[(d.IndexOf(' ', StringComparison.Ordinal) + 1)..]);
            Assert.Equal("'none'", directives["default-src"]);
            Assert.Equal("'self'", directives["script-src"]);
            Assert.Equal("'self'", directives["connect-src"]);
            Assert.Equal("'none'", directives["frame-ancestors"]);
            Assert.Equal("'none'", directives["base-uri"]);
            Assert.DoesNotContain("unsafe", Header(answer, "Content-Security-Policy"), StringComparison.Ordinal);
            var nonce = NonceOfPage().Match(await answer.Content.ReadAsStringAsync()).Groups[1].Value;
            Assert.Equal($"'self' 'nonce-{nonce}'", directives["style-src"]);
            Assert.True(nonces.Add(nonce), "a nonce came twice");
        }
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/assets/index-abc123.js")]
    [InlineData("/color-scheme.js")]
    public async Task Page_and_files_have_the_security_headers(string path)
    {
        using var answer = await SendAsync(HttpMethod.Get, path, "*/*");
        Assert.Equal("nosniff", Header(answer, "X-Content-Type-Options"));
        Assert.Equal("no-referrer", Header(answer, "Referrer-Policy"));
        Assert.Equal("same-origin", Header(answer, "Cross-Origin-Opener-Policy"));
        Assert.Equal("same-origin", Header(answer, "Cross-Origin-Resource-Policy"));
        Assert.StartsWith("camera=()", Header(answer, "Permissions-Policy"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_named_by_their_content_are_kept_for_ever_and_others_asked_for_again()
    {
        using var hashed = await SendAsync(HttpMethod.Get, "/assets/index-abc123.js", "*/*");
        Assert.Equal("public, max-age=31536000, immutable", Header(hashed, "Cache-Control"));
        Assert.Equal("text/javascript", hashed.Content.Headers.ContentType!.MediaType);
        using var named = await SendAsync(HttpMethod.Get, "/color-scheme.js", "*/*");
        Assert.Equal("no-cache", Header(named, "Cache-Control"));
    }

    [Theory]
    [InlineData("gzip, br", "compressed", "br")]
    [InlineData("gzip", "// script", null)]
    public async Task A_file_is_sent_compressed_to_who_takes_it(string takes, string body, string? encoding)
    {
        using var answer = await SendAsync(HttpMethod.Get, "/assets/index-abc123.js", "*/*", ("Accept-Encoding", takes));
        Assert.Equal(body, await answer.Content.ReadAsStringAsync());
        Assert.Equal(encoding, answer.Content.Headers.ContentEncoding.SingleOrDefault());
        Assert.Equal("Accept-Encoding", Header(answer, "Vary"));
    }

    [Theory]
    [InlineData("/api/nowhere", 404)]
    [InlineData("/api", 404)]
    [InlineData("/hub", 404)]
    [InlineData("/hubs/clinic", 404)]
    [InlineData("/health/nowhere", 404)]
    [InlineData("/metrics", 404)]
    [InlineData("/openapi/nowhere", 404)]
    [InlineData("/docs", 404)]
    [InlineData("/dev/token", 405)]
    [InlineData("/api/there", 200)]
    [InlineData("/assets/index-of-yesterday.js", 404)]
    public async Task Nothing_of_the_servers_own_is_swallowed(string path, int status)
    {
        using var answer = await SendAsync(HttpMethod.Get, path, "text/html");
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.NotEqual("text/html", answer.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Who_asks_for_json_or_writes_gets_a_refusal_and_no_page()
    {
        using var json = await SendAsync(HttpMethod.Get, "/schedule", "application/json");
        Assert.Equal((HttpStatusCode.NotFound, "application/problem+json"), (json.StatusCode, json.Content.Headers.ContentType!.MediaType));
        using var write = await SendAsync(HttpMethod.Post, "/schedule", "text/html");
        Assert.Equal(HttpStatusCode.NotFound, write.StatusCode);
    }

    [Theory]
    [InlineData("/../outside.js")]
    [InlineData("/%2e%2e/outside.js")]
    [InlineData("/..%2Foutside.js")]
    [InlineData("/secret.unknown")]
    public async Task No_other_file_is_given_away(string path)
    {
        using var answer = await SendAsync(HttpMethod.Get, path, "text/html");
        var body = await answer.Content.ReadAsStringAsync();
        Assert.DoesNotContain("outside", body, StringComparison.Ordinal);
        Assert.DoesNotContain("no type", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_built_application_the_root_says_how_to_get_one_and_the_rest_goes_on()
    {
        var empty = Directory.CreateDirectory(Path.Combine(_directory, "empty")).FullName;
        using var client = await StartAsync(empty);
        using var root = await client.GetAsync(new Uri("/", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, root.StatusCode);
        Assert.Contains("dotnet run --project src/Api", await root.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var route = await client.GetAsync(new Uri("/api/there", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, route.StatusCode);
    }

    [Fact]
    public async Task Every_route_of_the_server_begins_with_a_path_that_is_its_own()
    {
        await using var api = new DevelopmentApi();
        var patterns = api.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>().Select(e => e.RoutePattern.RawText!);
        Assert.All(patterns, pattern => Assert.Contains(
            WebAppServices.ServerPaths, own => new PathString("/" + pattern.TrimStart('/').Split('/')[0]).StartsWithSegments(own)));
    }

    private async Task<HttpClient> StartAsync(string contentRoot)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = contentRoot, EnvironmentName = "Production" });
        builder.Logging.ClearProviders();
        builder.Configuration["urls"] = "http://127.0.0.1:0";
        builder.Services.AddSingleton(TimeProvider.System).AddErrors();
        var app = builder.Build();
        _apps.Add(app);
        app.UseErrors();
        app.UseWebApp();
        app.UseRouting();
        app.MapGet("/api/there", () => "here");
        app.MapPost("/dev/token", () => "a token");
        await app.StartAsync();
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new HttpClient { BaseAddress = new Uri(address) };
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string accept, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, new Uri(_client.BaseAddress + path[1..], new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        request.Headers.TryAddWithoutValidation("Accept", accept);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await _client.SendAsync(request);
    }

    private static string Header(HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : $"there is no header {name}";

    [GeneratedRegex("csp-nonce\" nonce=\"([^\"]+)\"")]
    private static partial Regex NonceOfPage();
}
