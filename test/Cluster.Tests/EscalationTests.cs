using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Clinic.Databases;
using Microsoft.AspNetCore.SignalR.Client;
using Xunit.Abstractions;

namespace Clinic;

/// <summary>Critical results that nobody acknowledges while processes die.</summary>
public sealed class EscalationTests(ITestOutputHelper output)
{
    private const string ServiceKey = "a-key-for-this-test";
    private static readonly TimeSpan After = TimeSpan.FromSeconds(4);

    /// <summary>Shorter than what it takes until a killed silo is out of the membership: nobody leads when it falls due.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MostLate = TimeSpan.FromSeconds(2);

    /// <summary>Topics of a silo that died or hangs come up elsewhere when it is out of the membership; until then their users hear nothing.</summary>
    private static readonly TimeSpan SiloTakesOver = TimeSpan.FromSeconds(15);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_critical_result_goes_on_in_time_though_the_leading_silo_dies_or_hangs_before(bool hangs)
    {
        await using var server = await PostgreSqlServer.StartNewAsync();
        var database = await server.CreateDatabaseAsync();
        await using var first = ClinicProcess.Silo(database);
        await first.ReadyAsync();
        await using var second = ClinicProcess.Silo(database);
        await using var third = ClinicProcess.Silo(database);
        await Task.WhenAll(second.ReadyAsync(), third.ReadyAsync());
        await using var host = ClinicProcess.Host(database, ServiceKey);
        await host.ReadyAsync();
        using var clinic = await Staff.SignInAsync(host.Address, "adi", "admin");
        await clinic.SetPolicyAsync(After, "cid", "ben");
        await using var ann = await Listener.ConnectAsync(host.Address, "ann");
        await using var ben = await Listener.ConnectAsync(host.Address, "ben");

        // With all well it goes to ben, who is there, and not to cid, who is first.
        var entered = await clinic.EnterCriticalAsync("ann");
        var step = await ben.NextAsync("notification:escalated");
        Assert.Equal(("ann", "ben", "not_acknowledged"), (Text(step.Data, "from"), Text(step.Data, "to"), Text(step.Data, "reason")));
        AssertInTime("with all well", step, Time(entered, "createdAt") + After, MostLate);
        await ben.AcknowledgeAsync(Text(step.Data, "id"));
        Assert.Equal("ben", Text((await ann.NextAsync("notification:acknowledged")).Data, "by"));

        await clinic.SetPolicyAsync(Soon, "cid", "ben");
        var leader = await LeaderAsync([first, second, third]);
        entered = await clinic.EnterCriticalAsync("ann");
        await (hangs ? leader.HangAsync() : leader.KillAsync());
        Assert.True(DateTimeOffset.UtcNow < Time(entered, "createdAt") + Soon, "The leading silo ended too late for what this test is about.");
        step = await ann.NextAsync("notification:escalated");
        AssertInTime(hangs ? "with the leading silo hung" : "with the leading silo killed", step, Time(entered, "createdAt") + Soon, MostLate + SiloTakesOver);
        Assert.Equal("ann", Text(step.Data, "from"));
    }

    [Fact]
    public async Task A_critical_result_that_fell_due_while_everything_was_down_goes_on_when_it_is_up_again()
    {
        using var file = new SqliteFile();
        JsonElement entered;
        await using (var before = ClinicProcess.Embedded(file.ConnectionString))
        {
            await before.ReadyAsync();
            using var clinic = await Staff.SignInAsync(before.Address, "adi", "admin");
            await clinic.SetPolicyAsync(After, "cid", "ben");
            entered = await clinic.EnterCriticalAsync("ann");
            await before.KillAsync();
        }

        var due = Time(entered, "createdAt") + After;
        Assert.True(DateTimeOffset.UtcNow < due, "It fell due before the end.");
        using (var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50)))
        {
            while (DateTimeOffset.UtcNow < due)
            {
                await timer.WaitForNextTickAsync();
            }
        }

        await using var after = ClinicProcess.Embedded(file.ConnectionString);
        await after.ReadyAsync();
        var ready = DateTimeOffset.UtcNow;
        using var again = await Staff.SignInAsync(after.Address, "cid", "nurse");
        var notification = await again.FirstNotificationAsync();
        var history = await again.GetAsync($"/api/notifications/{Text(notification, "id")}/escalation");
        var step = history.GetProperty("items")[0];
        Assert.Equal(("ann", "cid"), (Text(step, "from"), Text(step, "to")));
        output.WriteLine($"Full stop: due {due:O}, ready {ready:O}, step {(Time(step, "at") - ready).TotalSeconds:0.00} s after ready.");
        Assert.InRange(Time(step, "at"), due, ready + MostLate);
    }

    private void AssertInTime(string when, Arrival step, DateTimeOffset due, TimeSpan arrivesWithin)
    {
        var late = Time(step.Data, "at") - due;
        var arrived = step.At - due;
        output.WriteLine($"Escalation {when}: step {late.TotalSeconds:0.00} s late, at the client {arrived.TotalSeconds:0.00} s late.");
        Assert.InRange(late, TimeSpan.Zero, MostLate);
        Assert.InRange(arrived, TimeSpan.Zero, arrivesWithin);
    }

    /// <summary>The silo that counts what is open: the leading one does.</summary>
    private static async Task<ClinicProcess> LeaderAsync(ClinicProcess[] silos)
    {
        using var http = new HttpClient();
        foreach (var silo in silos)
        {
            if ((await http.GetStringAsync(new Uri(silo.Address, "/metrics"))).Contains("\nclinic_notifications_open_count", StringComparison.Ordinal))
            {
                return silo;
            }
        }

        throw new InvalidOperationException("No silo says that it leads.");
    }

    private static string Text(JsonElement data, string name) => data.GetProperty(name).GetString()!;

    private static DateTimeOffset Time(JsonElement data, string name) => data.GetProperty(name).GetDateTimeOffset();

    private static async Task<string> TokenAsync(Uri host, string user, string role)
    {
        using var client = new HttpClient { BaseAddress = host };
        using var answer = await client.PostAsJsonAsync("/dev/token", new { tenant = "north", user, roles = new[] { role } });
        return Text(await answer.Content.ReadFromJsonAsync<JsonElement>(), "token");
    }

    private sealed record Arrival(JsonElement Data, DateTimeOffset At);

    /// <summary>Somebody who calls the routes.</summary>
    private sealed class Staff(HttpClient http) : IDisposable
    {
        public static async Task<Staff> SignInAsync(Uri host, string user, string role)
        {
            var http = new HttpClient { BaseAddress = host };
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await TokenAsync(host, user, role));
            return new Staff(http);
        }

        public async Task SetPolicyAsync(TimeSpan after, params string[] list)
        {
            using var answer = await http.PutAsJsonAsync("/api/escalation-policy", new { urgent = new { afterSeconds = (int)after.TotalSeconds, list } });
            answer.EnsureSuccessStatusCode();
        }

        public async Task<JsonElement> EnterCriticalAsync(string orderedBy)
        {
            using var answer = await http.PostAsJsonAsync(
                "/api/lab-results",
                new { patientId = "p1", orderedBy, test = "Potassium", value = "7.1", unit = "mmol/l", status = "final", abnormal = "critical" });
            answer.EnsureSuccessStatusCode();
            return await answer.Content.ReadFromJsonAsync<JsonElement>();
        }

        public async Task<JsonElement> GetAsync(string path) => await http.GetFromJsonAsync<JsonElement>(path);

        /// <summary>Asks until there is one.</summary>
        public async Task<JsonElement> FirstNotificationAsync()
        {
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
            for (var i = 0; i < 200; i++)
            {
                if ((await GetAsync("/api/notifications")).GetProperty("items") is { } items && items.GetArrayLength() > 0)
                {
                    return items[0];
                }

                await timer.WaitForNextTickAsync();
            }

            throw new TimeoutException("The notification never came.");
        }

        public void Dispose() => http.Dispose();
    }

    /// <summary>Somebody who listens to their own topic.</summary>
    private sealed class Listener : IAsyncDisposable
    {
        private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
        private readonly HubConnection _connection;
        private readonly ConcurrentQueue<(string Type, Arrival Arrival)> _events = new();
        private readonly SemaphoreSlim _news = new(0);

        private Listener(HubConnection connection)
        {
            _connection = connection;
            connection.On<JsonElement[]>("events", events =>
            {
                foreach (var e in events)
                {
                    _events.Enqueue((Text(e, "type"), new Arrival(e.GetProperty("data"), DateTimeOffset.UtcNow)));
                }

                _news.Release();
            });
        }

        public static async Task<Listener> ConnectAsync(Uri host, string user)
        {
            var token = await TokenAsync(host, user, "nurse");
            var listener = new Listener(new HubConnectionBuilder()
                .WithUrl(new Uri(host, "/hubs/clinic"), o => o.AccessTokenProvider = () => Task.FromResult<string?>(token))
                .Build());
            await listener._connection.StartAsync();
            await listener._connection.InvokeAsync<JsonElement>("Subscribe", "user", null);
            return listener;
        }

        public async Task<Arrival> NextAsync(string type)
        {
            using var limit = new CancellationTokenSource(Limit);
            while (true)
            {
                while (_events.TryDequeue(out var e))
                {
                    if (e.Type == type)
                    {
                        return e.Arrival;
                    }
                }

                try
                {
                    await _news.WaitAsync(limit.Token);
                }
                catch (OperationCanceledException)
                {
                    throw new TimeoutException($"{type} never came.");
                }
            }
        }

        public Task AcknowledgeAsync(string id) => _connection.InvokeAsync("AcknowledgeNotification", id);

        public async ValueTask DisposeAsync()
        {
            await _connection.DisposeAsync();
            _news.Dispose();
        }
    }
}
