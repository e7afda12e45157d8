using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Clinic.Errors;
using Clinic.Publishing;
using Clinic.Security;
using Clinic.Storage;
using Clinic.Telemetry;
using Clinic.Topics;
using Dapper;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using ErrorCode = Clinic.Errors.ErrorCode;

namespace Clinic.Hosting;

/// <summary>
/// The Api's outer half on a real Kestrel: its settings, its pipeline, its publishing route and a few routes that stand for the others. Behind it is no
/// Orleans: a publish ends in <see cref="Publish"/>.
/// </summary>
internal sealed class TestApi : IAsyncDisposable
{
    public const string ServiceKey = "a-service-key-of-the-tests";
    private readonly WebApplication _app;
    private readonly string _directory;

    private TestApi(WebApplication app, string directory, CapturedLog log)
    {
        (_app, _directory, Log) = (app, directory, log);
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        Client = new HttpClient { BaseAddress = Address };
    }

    public Uri Address { get; }

    public HttpClient Client { get; }

    public CapturedLog Log { get; }

    public IServiceProvider Services => _app.Services;

    /// <summary>What a publish comes to; answers offset 1 unless a test says otherwise.</summary>
    public PublishToTopic Publish { get; set; } = (_, _) => Task.FromResult(new PublishResult(PublishOutcome.Accepted, "e1", 1));

    public static async Task<TestApi> StartAsync(
        string environment = "Development", TimeProvider? time = null, params (string Key, string Value)[] settings)
    {
        var directory = Directory.CreateTempSubdirectory("clinic-api-").FullName;
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = environment, ContentRootPath = directory });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["urls"] = "http://127.0.0.1:0",
            ["ConnectionStrings:Clinic"] = $"Data Source={Path.Combine(directory, "clinic.db")}",
            ["Auth:ServiceKeys:0"] = "another-service-key",
            ["Auth:ServiceKeys:1"] = ServiceKey,
            // Everything is logged, by the general rule and by one for this provider: tokens must not be in it.
            ["Logging:LogLevel:Default"] = "Trace",
            ["Logging:Captured:LogLevel:Default"] = "Trace",
            ["Logging:Captured:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics"] = "Trace",
        });
        builder.Configuration.AddInMemoryCollection(settings.ToDictionary(s => s.Key, s => (string?)s.Value));
        var read = ApiSettings.Read(builder.Configuration, builder.Environment);
        var log = new CapturedLog();
        builder.Logging.ClearProviders().AddProvider(log);
        builder.AddWebServer(read);
        builder.AddTelemetry();
        if (time is not null)
        {
            builder.Services.AddSingleton(time);
        }

        TestApi? api = null;
        builder.Services.AddErrors();
        builder.Services.AddSecurity();
        builder.Services.AddSingleton<PublishToTopic>((topic, draft) => api!.Publish(topic, draft));
        builder.Services.AddPublishing();
        builder.Services.AddClinicStorage(read.Storage);
        builder.Services.AddSignalR();
        var app = builder.Build();
        await SchemaUpgrade.RunAsync(read.Storage, NullLogger.Instance);
        app.UsePipeline();
        app.MapTelemetry();
        app.MapDevToken();
        app.MapPublishing();
        app.MapGet("/api/test/caller", (HttpContext context) => Seen.Of(context.Caller())).RequireAuthorization();
        app.MapGet("/api/test/user", (HttpContext context) => Seen.Of(context.Caller())).RequireAuthorization(SecurityPolicies.User);
        app.MapPost("/api/test/body", (Body body) => body);
        app.MapGet("/api/test/date", (DateOnly date) => date);
        app.MapGet("/api/test/throw/{what}", IResult (string what) => throw Thrown(what));
        app.MapHub<TestHub>("/hubs/test");
        await app.StartAsync();
        return api = new TestApi(app, directory, log);
    }

    /// <summary>Sends a request with whatever authorization a test wants, and reads the whole answer.</summary>
    public async Task<Answer> SendAsync(HttpMethod method, string path, string? authorization = null, object? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        request.Content = body switch
        {
            null => null,
            HttpContent content => content,
            string text => new StringContent(text, Encoding.UTF8, "application/json"),
            byte[] bytes => new ByteArrayContent(bytes) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
            _ => JsonContent.Create(body),
        };
        using var response = await Client.SendAsync(request);
        return await Answer.ReadAsync(response);
    }

    public Task<Answer> GetAsync(string path, string? token = null, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Get, path, token is null ? null : $"Bearer {token}", null, headers);

    public Task<Answer> PublishAsync(object body, string tenant = "t1", string authorization = $"ServiceKey {ServiceKey}") =>
        SendAsync(HttpMethod.Post, "/api/events", authorization, body, ("X-Tenant", tenant));

    public Task AddThreadAsync(string tenant, string thread, params string[] participants) =>
        _app.Services.GetRequiredService<ClinicDatabase>().WriteAsync(async transaction =>
        {
            var now = DateTimeOffset.UnixEpoch;
            await transaction.Connection!.ExecuteAsync(
                "insert into thread (tenant, id, subject, created_by, created_at, last_message_at) values (@tenant, @thread, 's', 'u', @now, @now)",
                new { tenant, thread, now },
                transaction);
            foreach (var user in participants)
            {
                await transaction.Connection!.ExecuteAsync(
                    "insert into thread_participant (tenant, thread_id, user_id, unread) values (@tenant, @thread, @user, 0)",
                    new { tenant, thread, user },
                    transaction);
            }

            return true;
        });

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
        SqliteConnection.ClearAllPools();
        Directory.Delete(_directory, recursive: true);
    }

    private static Exception Thrown(string what) => what switch
    {
        "timeout" => new TimeoutException("the secret detail"),
        "orleans" => new Orleans.Runtime.OrleansException("the secret detail"),
        "busy" => new SqliteException("the secret detail", 5),
        "constraint" => new SqliteException("the secret detail", 19),
        _ => new InvalidOperationException("the secret detail"),
    };

    /// <summary>A body with one field of each sort that can go wrong.</summary>
    internal sealed record Body(string? Text, int Number, DateTimeOffset? Time, Body? Inner);

    /// <summary>A caller as it arrives at an endpoint.</summary>
    internal sealed record Seen(string Tenant, string? User, string Name, IReadOnlyList<string> Roles, bool IsService)
    {
        public static Seen Of(Caller caller) => new(caller.Tenant, caller.User, caller.Name, caller.Roles, caller.IsService);
    }

    /// <summary>Stands for the clinic's hub.</summary>
    [Authorize(Policy = SecurityPolicies.User)]
    internal sealed class TestHub(TokenValidator validator) : Hub
    {
        public string Who() => Caller.From(Context.User!).User!;

        public async Task<string?> Authenticate(string token) => (await validator.ValidateAsync(token))?.Caller.User;
    }
}

/// <summary>An answer, read to its end.</summary>
internal sealed record Answer(int Status, string? ContentType, string Text, HttpResponseHeaders Headers)
{
    public JsonElement Json => JsonDocument.Parse(Text).RootElement;

    public string? Code => Json.GetProperty("code").GetString();

    public static async Task<Answer> ReadAsync(HttpResponseMessage response) => new(
        (int)response.StatusCode, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsStringAsync(), response.Headers);

    /// <summary>Asserts that it is a problem document of this status and code, and returns it.</summary>
    public JsonElement IsProblem(int status, string code)
    {
        Assert.Equal((status, "application/problem+json"), (Status, ContentType));
        Assert.Equal((code, $"urn:clinic:error:{code}", status), (Code, Json.GetProperty("type").GetString(), Json.GetProperty("status").GetInt32()));
        Assert.False(string.IsNullOrEmpty(Json.GetProperty("detail").GetString()));
        return Json;
    }

    /// <summary>Asserts that it is a 400 for exactly this field.</summary>
    public void IsInvalid(string field) =>
        Assert.Equal([field], IsProblem(400, ErrorCode.Invalid).GetProperty("errors").EnumerateObject().Select(error => error.Name));
}
