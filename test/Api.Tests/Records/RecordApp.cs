using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Clinic.Databases;
using Clinic.Errors;
using Clinic.Hosting;
using Clinic.Patients;
using Clinic.Presence;
using Clinic.Security;
using Clinic.Storage;
using Clinic.Topics;
using Dapper;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Clinic.Records;

/// <summary>The record routes on a real server and a real database, without grains: what would be drained is written down.</summary>
public abstract class RecordApp(StorageProvider provider) : IAsyncLifetime
{
    private static int _clinics;
    private readonly ConcurrentQueue<TopicId> _drained = new();
    private readonly ConcurrentDictionary<TopicId, TaskCompletionSource> _drains = new();
    private FreshDatabase? _database;
    private WebApplication? _app;
    private HttpClient? _http;

    internal FakeTimeProvider Time { get; } = new(new DateTimeOffset(2031, 5, 6, 7, 8, 9, 123, TimeSpan.Zero));

    internal ClinicDatabase Database => Service<ClinicDatabase>();

    internal StorageOptions DatabaseOptions => _database!.Options;

    internal StorageProvider Provider => provider;

    /// <summary>What a chart answers when it is asked who is present; nobody unless a test says otherwise.</summary>
    internal AskChart Ask { get; set; } = _ => Task.FromResult<IReadOnlyList<PresenceEntry>?>([]);

    internal IReadOnlyCollection<TopicId> Drained => _drained;

    /// <summary>Tests share the database, so each works in a clinic of its own.</summary>
    internal static string NewTenant() => $"clinic {Interlocked.Increment(ref _clinics)}";

    internal T Service<T>()
        where T : notnull => _app!.Services.GetRequiredService<T>();

    /// <summary>Somebody without any token.</summary>
    internal HttpClient Nobody => _http!;

    /// <summary>A nurse, unless other roles are named.</summary>
    internal RecordClient As(string tenant, string user, params string[] roles) => With(tenant, user, roles.Length == 0 ? ["nurse"] : roles);

    internal RecordClient With(string tenant, string user, string[] roles) => new(_http!, tenant, user, roles, isService: false);

    internal RecordClient AsService(string tenant, string? user) => new(_http!, tenant, user, [], isService: true);

    /// <summary>Returns when the topic was told to drain.</summary>
    internal async Task WaitForDrainAsync(TopicId topic)
    {
        try
        {
            await DrainOf(topic).Task.WaitAsync(TimeSpan.FromSeconds(30));
        }
        catch (TimeoutException)
        {
            Assert.Fail($"{topic} was never told to drain.");
        }
    }

    /// <summary>The pending events of one clinic, in their order; nothing is taken out of it, because there are no grains.</summary>
    internal async Task<IReadOnlyList<StoredEvent>> EventsAsync(string tenant) =>
    [
        .. (await Database.ReadAsync(c => c.QueryAsync<StoredEvent>("select topic, type, data, author from pending_event order by sequence")))
            .Where(e => TopicId.Parse(e.Topic).Tenant == tenant),
    ];

    internal Task<long> CountAsync(string table, string tenant) =>
        Database.ReadAsync(c => c.ExecuteScalarAsync<long>($"select count(*) from {table} where tenant = @tenant", new { tenant }));

    public async Task InitializeAsync()
    {
        _database = await FreshDatabase.CreateAsync(provider);
        var builder = WebApplication.CreateBuilder();
        builder.AddWebServer(new ApiSettings(ClusterMode.Embedded, _database.Options, new AuthOptions(), new LimitOptions(), new CorsOptions()));
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<TimeProvider>(Time);
        builder.Services.AddSingleton(_ => new ClinicDatabase(_database.Options));
        builder.Services.AddErrors();
        builder.Services.AddSingleton<DrainTopic>(topic =>
        {
            _drained.Enqueue(topic);
            DrainOf(topic).TrySetResult();
            return Task.CompletedTask;
        });
        builder.Services.AddSingleton<AskChart>(chart => Ask(chart));
        builder.Services.AddAuthentication(TestCaller.Scheme).AddScheme<Microsoft.AspNetCore.Authentication.AuthenticationSchemeOptions, TestCaller>(TestCaller.Scheme, null);
        builder.Services.AddAuthorization();
        builder.Services.AddRecords();
        _app = builder.Build();
        _app.UseErrors();
        _app.UseRouting();
        _app.UseAuthentication();
        _app.UseAuthorization();
        _app.MapRecords();
        await _app.StartAsync();
        var address = Service<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        _http = new HttpClient { BaseAddress = new Uri(address) };
    }

    private TaskCompletionSource DrainOf(TopicId topic) =>
        _drains.GetOrAdd(topic, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    public async Task DisposeAsync()
    {
        _http?.Dispose();
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }

        if (_database is not null)
        {
            await _database.DisposeAsync();
        }
    }
}

/// <summary>On SQLite.</summary>
public sealed class SqliteRecordApp() : RecordApp(StorageProvider.Sqlite);

/// <summary>On PostgreSQL.</summary>
public sealed class PostgreSqlRecordApp() : RecordApp(StorageProvider.PostgreSql);

/// <summary>A row of <c>pending_event</c>.</summary>
internal sealed class StoredEvent
{
    public string Topic { get; init; } = "";

    public string Type { get; init; } = "";

    public string Data { get; init; } = "";

    public string? Author { get; init; }

    public string At => TopicId.Parse(Topic) is { Kind: TopicKind.User } user ? $"user:{user.Id}" : TopicId.Parse(Topic).WireName;

    public JsonNode Json => JsonNode.Parse(Data)!;

    /// <summary>Topic and type, which is what most tests compare.</summary>
    public override string ToString() => $"{At} {Type}";
}
