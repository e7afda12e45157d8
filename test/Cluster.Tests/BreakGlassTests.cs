using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Clinic.Charts;
using Clinic.Databases;
using Clinic.Storage;
using Dapper;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;

namespace Clinic;

/// <summary>A restricted chart from its restriction to the check of the access log, with real processes and real connections.</summary>
public sealed class BreakGlassTests
{
    private const string Patient = "p/1";
    private const string Topic = "patient:" + Patient;
    private const string Chart = "/api/patients/p%2F1";
    private static readonly TimeSpan For = TimeSpan.FromSeconds(8);
    private static readonly (string, string)[] Settings =
    [
        ("Charts__BreakGlassFor", For.ToString()),
        ("Privacy__Officers__0__Clinic", "north"),
        ("Privacy__Officers__0__Users__0", "oscar"),
    ];

    [Fact]
    public async Task A_reason_opens_a_restricted_chart_for_a_while_and_nothing_of_it_goes_unseen_on_one_host()
    {
        using var file = new SqliteFile();
        await using var api = ClinicProcess.Embedded(file.ConnectionString, settings: Settings);
        await api.ReadyAsync();
        await RunAsync(api.Address, api.Address, new StorageOptions { Provider = StorageProvider.Sqlite, ConnectionString = file.ConnectionString });
    }

    [Fact]
    public async Task A_reason_opens_a_restricted_chart_for_a_while_and_nothing_of_it_goes_unseen_in_a_cluster()
    {
        await using var server = await PostgreSqlServer.StartNewAsync();
        var database = await server.CreateDatabaseAsync();
        await using var silo = ClinicProcess.Silo(database, Settings);
        await silo.ReadyAsync();
        await using var first = ClinicProcess.Host(database, "a-key-for-this-test", Settings);
        await using var second = ClinicProcess.Host(database, "a-key-for-this-test", Settings);
        await Task.WhenAll(first.ReadyAsync(), second.ReadyAsync());
        await RunAsync(first.Address, second.Address, new StorageOptions { Provider = StorageProvider.PostgreSql, ConnectionString = database });
    }

    [Fact]
    public async Task The_officers_hear_of_it_once_though_everything_dies_right_after_the_opening()
    {
        using var file = new SqliteFile();
        await using (var before = ClinicProcess.Embedded(file.ConnectionString, settings: Settings))
        {
            await before.ReadyAsync();
            await using var olga = await Person.ConnectAsync(before.Address, "olga", "privacy_officer");
            await using var ben = await Person.ConnectAsync(before.Address, "ben", "provider");
            await olga.SendAsync(HttpMethod.Patch, $"{Chart}/restriction", new { restricted = true }, 200);
            await ben.CallAsync("OpenChart", Patient, "emergency");
            await before.KillAsync();
        }

        await using var after = ClinicProcess.Embedded(file.ConnectionString, settings: Settings);
        await after.ReadyAsync();
        foreach (var officer in new[] { "olga", "oscar" })
        {
            Assert.Single(await Person.ListAsync(after.Address, officer, "/api/notifications"));
            await using var person = await Person.ConnectAsync(after.Address, officer, "privacy_officer");
            // One for the notification and one for the count, both from before the end or by the sweep after it.
            await person.OffsetAsync("user", 2);
        }
    }

    private static async Task RunAsync(Uri first, Uri second, StorageOptions storage)
    {
        await using var olga = await Person.ConnectAsync(first, "olga", "nurse", "privacy_officer");
        await using var ann = await Person.ConnectAsync(first, "ann", "nurse");
        await using var ben = await Person.ConnectAsync(second, "ben", "provider");
        await using var cid = await Person.ConnectAsync(second, "cid", "nurse");
        await olga.CallAsync("Subscribe", "user", null);
        // Both have it open, and cid follows it, when it is restricted to ann.
        foreach (var person in new[] { ann, cid })
        {
            await person.CallAsync("Subscribe", Topic, null);
            await person.CallAsync("OpenChart", Patient, null);
        }

        var lease = (await cid.CallAsync("BeginEdit", Patient, "vitals")).GetProperty("lease").GetString();
        await olga.SendAsync(HttpMethod.Patch, $"{Chart}/restriction", new { restricted = true, careTeam = new[] { "ann" } }, 200);
        Assert.Equal("restricted", Text((await cid.NextAsync("reset")).Data, "reason"));
        await ann.NextAsync("leaves cid");
        Assert.Equal("ended", Text((await ann.NextAsync("edit:ended")).Data, "reason"));
        await cid.RefusedAsync("forbidden: reason_required", "Subscribe", Topic, null);
        await cid.RefusedAsync("forbidden: reason_required", "Signal", Topic, "cursor", 1);
        await cid.SendAsync(HttpMethod.Patch, $"{Chart}/vitals", new { weight = 70 }, 403, lease);

        await ben.RefusedAsync("forbidden: reason_required", "OpenChart", Patient, null);
        await ben.RefusedAsync("forbidden: reason_required", "BeginEdit", Patient, "vitals");
        Assert.Equal("reason_required", Text(await ben.SendAsync(HttpMethod.Get, $"{Chart}/viewers", null, 403), "cause"));

        var opened = Stopwatch.StartNew();
        var viewers = await ben.CallAsync("OpenChart", Patient, " emergency ");
        var told = await olga.NextAsync("notification:new");
        Assert.True(told.After(opened) < TimeSpan.FromSeconds(1), $"The officer heard of it after {told.After(opened)}.");
        Assert.Equal(("system", "urgent"), (Text(told.Data, "kind"), Text(told.Data, "priority")));
        Assert.DoesNotContain("emergency", told.Data.GetRawText(), StringComparison.Ordinal);
        var viewing = viewers.GetProperty("viewers").EnumerateArray().Single(v => Text(v, "user") == "ben").GetProperty("viewing");
        Assert.True(viewing.GetProperty("breakGlass").GetBoolean());
        var seen = (await ann.NextAsync("joins ben")).Data.GetProperty("viewing");
        Assert.Equal((true, "emergency"), (seen.GetProperty("breakGlass").GetBoolean(), Text(seen, "reason")));
        Assert.Equal(viewing.GetProperty("until").GetDateTimeOffset(), seen.GetProperty("until").GetDateTimeOffset());
        var oscar = await Person.ListAsync(second, "oscar", "/api/notifications");
        Assert.Equal("Restricted chart opened", Text(Assert.Single(oscar), "title"));

        await ben.CallAsync("Subscribe", Topic, null);
        Assert.True((await ben.CallAsync("BeginEdit", Patient, "vitals")).GetProperty("granted").GetBoolean());
        await ben.SendAsync(HttpMethod.Get, $"{Chart}/viewers", null, 200);

        // It ends by itself, for everybody to see.
        Assert.Equal("expired", Text((await ben.NextAsync("reset")).Data, "reason"));
        Assert.InRange(opened.Elapsed, For - TimeSpan.FromMilliseconds(50), For + TimeSpan.FromSeconds(4));
        await ann.NextAsync("leaves ben");
        var edit = await ann.NextAsync("edit:ended");
        Assert.Equal(("ben", "expired"), (Text(edit.Data, "user"), Text(edit.Data, "reason")));
        await ben.RefusedAsync("forbidden: reason_required", "Subscribe", Topic, null);
        await ben.RefusedAsync("forbidden: reason_required", "OpenChart", Patient, null);
        await ben.SendAsync(HttpMethod.Get, $"{Chart}/viewers", null, 403);
        await ben.CallAsync("OpenChart", Patient, "still needed");
        await olga.NextAsync("notification:new");

        var log = await Person.ListAsync(first, "olga", $"{Chart}/access-log", "privacy_officer");
        Assert.Equal(
            ["ben still needed ", "ben emergency expired", "cid  revoked", "ann  "],
            log.Select(i => $"{Text(i, "user")} {Text(i, "reason")} {Text(i, "closedBy")}"));
        Assert.Equal([true, true, false, false], log.Select(i => i.TryGetProperty("breakGlass", out var broken) && broken.GetBoolean()));

        // And nobody takes it from the log.
        await using var database = new ClinicDatabase(storage);
        var verifier = new AccessVerifier(database);
        Assert.Null((await verifier.VerifyAsync("north", null)).Fault);
        await database.WriteAsync(t => t.Connection!.ExecuteAsync("update chart_access set break_glass = (1 = 0) where reason = 'emergency'", transaction: t));
        Assert.Contains("break_glass", (await verifier.VerifyAsync("north", null)).Fault, StringComparison.Ordinal);
    }

    private static string? Text(JsonElement data, string name) => data.GetProperty(name).GetString();

    private sealed record Arrival(string What, JsonElement Data, long At)
    {
        public TimeSpan After(Stopwatch since) => Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp() - (long)(since.Elapsed.TotalSeconds * Stopwatch.Frequency), At);
    }

    /// <summary>Somebody of the staff with a window.</summary>
    private sealed class Person : IAsyncDisposable
    {
        private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
        private readonly HubConnection _connection;
        private readonly HttpClient _http;
        private readonly List<Arrival> _arrivals = [];
        private readonly SemaphoreSlim _news = new(0);

        private Person(HubConnection connection, HttpClient http)
        {
            (_connection, _http) = (connection, http);
            connection.On<JsonElement[]>("events", events => Keep(events.Select(e => (Text(e, "type")!, e.GetProperty("data")))));
            connection.On<JsonElement>("reset", reset => Keep([("reset", reset)]));
            connection.On<JsonElement>("presence", diff => Keep(
            [
                .. diff.GetProperty("joins").EnumerateArray().Select(e => ($"joins {Text(e, "user")}", e)),
                .. diff.GetProperty("leaves").EnumerateArray().Select(u => ($"leaves {u.GetString()}", u)),
            ]));
        }

        public static async Task<Person> ConnectAsync(Uri host, string user, params string[] roles)
        {
            var token = await TokenAsync(host, user, roles);
            var http = new HttpClient { BaseAddress = host };
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
            var person = new Person(
                new HubConnectionBuilder().WithUrl(new Uri(host, "/hubs/clinic"), o => o.AccessTokenProvider = () => Task.FromResult<string?>(token)).Build(), http);
            await person._connection.StartAsync();
            return person;
        }

        /// <summary>The items of a list.</summary>
        public static async Task<JsonElement[]> ListAsync(Uri host, string user, string path, string role = "nurse")
        {
            using var http = new HttpClient { BaseAddress = host };
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await TokenAsync(host, user, role));
            return [.. (await http.GetFromJsonAsync<JsonElement>(path)).GetProperty("items").EnumerateArray()];
        }

        public Task<JsonElement> CallAsync(string method, params object?[] arguments) => _connection.InvokeCoreAsync<JsonElement>(method, arguments);

        public async Task RefusedAsync(string code, string method, params object?[] arguments)
        {
            var refusal = await Assert.ThrowsAsync<HubException>(() => _connection.InvokeCoreAsync(method, arguments));
            Assert.Contains(code, refusal.Message, StringComparison.Ordinal);
        }

        public async Task<JsonElement> SendAsync(HttpMethod method, string path, object? body, int status, string? lease = null)
        {
            using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
            if (lease is not null)
            {
                request.Headers.Add("X-Edit-Lease", lease);
            }

            using var answer = await _http.SendAsync(request);
            var text = await answer.Content.ReadAsStringAsync();
            Assert.True((int)answer.StatusCode == status, $"{method} {path}: {answer.StatusCode} {text}");
            return JsonDocument.Parse(text).RootElement;
        }

        /// <summary>The next of its kind since the last one of any kind that was asked for was taken; others stay.</summary>
        public async Task<Arrival> NextAsync(string what)
        {
            using var limit = new CancellationTokenSource(Limit);
            while (true)
            {
                lock (_arrivals)
                {
                    if (_arrivals.FindIndex(a => a.What == what) is >= 0 and var index)
                    {
                        var arrival = _arrivals[index];
                        _arrivals.RemoveAt(index);
                        return arrival;
                    }
                }

                try
                {
                    await _news.WaitAsync(limit.Token);
                }
                catch (OperationCanceledException)
                {
                    throw new TimeoutException($"{what} never came.");
                }
            }
        }

        /// <summary>Returns when the topic's log is where it is expected to be, and not beyond.</summary>
        public async Task OffsetAsync(string topic, long offset)
        {
            var head = (await CallAsync("Subscribe", topic, null)).GetProperty("offset").GetInt64();
            for (; head < offset; head++)
            {
                await NextAsync(head == 0 ? "notification:new" : "unread:changed");
            }

            Assert.Equal(offset, (await CallAsync("Subscribe", topic, null)).GetProperty("offset").GetInt64());
        }

        public async ValueTask DisposeAsync()
        {
            await _connection.DisposeAsync();
            _http.Dispose();
            _news.Dispose();
        }

        private static async Task<string> TokenAsync(Uri host, string user, params string[] roles)
        {
            using var client = new HttpClient { BaseAddress = host };
            using var answer = await client.PostAsJsonAsync("/dev/token", new { tenant = "north", user, roles });
            return Text(await answer.Content.ReadFromJsonAsync<JsonElement>(), "token")!;
        }

        private void Keep(IEnumerable<(string What, JsonElement Data)> arrivals)
        {
            lock (_arrivals)
            {
                _arrivals.AddRange(arrivals.Select(a => new Arrival(a.What, a.Data, Stopwatch.GetTimestamp())));
            }

            _news.Release();
        }
    }
}
