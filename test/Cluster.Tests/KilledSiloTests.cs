using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Clinic.Databases;
using Microsoft.AspNetCore.SignalR.Client;

namespace Clinic;

public sealed class KilledSiloTests
{
    private const string ServiceKey = "a-key-for-this-test";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Every_acknowledged_event_arrives_once_and_in_order_though_a_silo_is_killed_and_nobody_is_shown_offline()
    {
        await using var server = await PostgreSqlServer.StartNewAsync();
        var database = await server.CreateDatabaseAsync();
        await using var first = ClinicProcess.Silo(database);
        await first.ReadyAsync();
        await using var second = ClinicProcess.Silo(database);
        await using var third = ClinicProcess.Silo(database);
        await Task.WhenAll(second.ReadyAsync(), third.ReadyAsync());
        await using var here = ClinicProcess.Host(database, ServiceKey);
        await using var there = ClinicProcess.Host(database, ServiceKey);
        await Task.WhenAll(here.ReadyAsync(), there.ReadyAsync());

        var topics = Enumerable.Range(0, 12).Select(i => $"patient:p{i}").ToArray();
        await using var ann = await Reader.ConnectAsync(here.Address, "ann", topics);
        await using var ben = await Reader.ConnectAsync(there.Address, "ben", topics);
        await ann.Sees("ben");

        using var backend = new HttpClient { BaseAddress = there.Address };
        backend.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("ServiceKey", ServiceKey);
        backend.DefaultRequestHeaders.Add("X-Tenant", "north");
        var acknowledged = new ConcurrentDictionary<string, long>();
        for (var i = 0; i < 240; i++)
        {
            if (i == 80)
            {
                await second.KillAsync();
            }

            var topic = topics[i % topics.Length];
            var offset = await PublishAsync(backend, topic, $"e{i}");
            acknowledged.AddOrUpdate(topic, offset, (_, last) => Math.Max(last, offset));
        }

        foreach (var reader in new[] { ann, ben })
        {
            foreach (var topic in topics)
            {
                await reader.Reaches(topic, acknowledged[topic]);
            }

            Assert.Empty(reader.Faults);
        }

        Assert.DoesNotContain("ben", ann.Left);
    }

    [Fact]
    public async Task A_host_that_is_killed_takes_its_users_away_in_time_and_who_reconnects_elsewhere_goes_on_where_they_were()
    {
        await using var server = await PostgreSqlServer.StartNewAsync();
        var database = await server.CreateDatabaseAsync();
        await using var silo = ClinicProcess.Silo(database);
        await silo.ReadyAsync();
        await using var here = ClinicProcess.Host(database, ServiceKey);
        await using var there = ClinicProcess.Host(database, ServiceKey);
        await Task.WhenAll(here.ReadyAsync(), there.ReadyAsync());

        string[] topics = ["patient:p1", "patient:p2"];
        await using var ann = await Reader.ConnectAsync(here.Address, "ann", topics);
        await using var ben = await Reader.ConnectAsync(there.Address, "ben", topics);
        await using var cid = await Reader.ConnectAsync(there.Address, "cid", topics);
        await ann.Sees("ben");
        await ann.Sees("cid");
        using var backend = new HttpClient { BaseAddress = here.Address };
        backend.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("ServiceKey", ServiceKey);
        backend.DefaultRequestHeaders.Add("X-Tenant", "north");
        await ben.Reaches("patient:p1", await PublishAsync(backend, "patient:p1", "before"));

        await there.KillAsync();
        var gone = ann.SeesLeave("cid", TimeSpan.FromSeconds(10));
        await PublishAsync(backend, "patient:p1", "meanwhile");
        await using var again = await Reader.ConnectAsync(here.Address, "ben", topics, ben);
        var last = await PublishAsync(backend, "patient:p1", "after");
        await again.Reaches("patient:p1", last);
        Assert.Equal(3, last);
        Assert.Empty(again.Faults);
        await gone;
        Assert.DoesNotContain("ben", ann.Left);
        Assert.Empty(ann.Faults);
    }

    [Fact]
    public async Task A_host_that_stood_still_until_it_was_taken_for_dead_is_told_of_events_again()
    {
        await using var server = await PostgreSqlServer.StartNewAsync();
        var database = await server.CreateDatabaseAsync();
        await using var silo = ClinicProcess.Silo(database);
        await silo.ReadyAsync();
        await using var here = ClinicProcess.Host(database, ServiceKey);
        await using var there = ClinicProcess.Host(database, ServiceKey);
        await Task.WhenAll(here.ReadyAsync(), there.ReadyAsync());
        await using var ann = await Reader.ConnectAsync(here.Address, "ann", ["patient:p1"]);
        await using var cid = await Reader.ConnectAsync(there.Address, "cid", ["patient:p1"]);
        await ann.Sees("cid");
        using var backend = new HttpClient { BaseAddress = here.Address };
        backend.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("ServiceKey", ServiceKey);
        backend.DefaultRequestHeaders.Add("X-Tenant", "north");
        await cid.Reaches("patient:p1", await PublishAsync(backend, "patient:p1", "before"));

        await there.HangAsync();
        await ann.SeesLeave("cid", TimeSpan.FromSeconds(10));
        await PublishAsync(backend, "patient:p1", "meanwhile");
        await there.ContinueAsync();
        await using var dan = await Reader.ConnectAsync(there.Address, "dan", ["patient:p1"]);
        await ann.Sees("dan");
        var last = await PublishAsync(backend, "patient:p1", "after");
        await dan.Reaches("patient:p1", last);
        Assert.Equal(3, last);
        Assert.Empty(dan.Faults);
        Assert.Empty(ann.Faults);
    }

    /// <summary>Publishes until it is acknowledged; the id makes the repeats harmless.</summary>
    private static async Task<long> PublishAsync(HttpClient backend, string topic, string id)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (true)
        {
            try
            {
                using var answer = await backend.PostAsJsonAsync("/api/events", new { topic, type = "test:event", id, data = new { id } }, limit.Token);
                if (answer.StatusCode == HttpStatusCode.Accepted)
                {
                    return (await answer.Content.ReadFromJsonAsync<JsonElement>(limit.Token)).GetProperty("offset").GetInt64();
                }

                Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"The publish of {id} to {topic} was never acknowledged.");
            }
        }
    }

    /// <summary>A connection that holds what it gets against the contract.</summary>
    private sealed class Reader : IAsyncDisposable
    {
        private readonly HubConnection _connection;
        private readonly ConcurrentDictionary<string, long> _offsets = new();
        private readonly ConcurrentDictionary<string, string> _epochs = new();
        private readonly ConcurrentDictionary<string, bool> _present = new();
        private readonly SemaphoreSlim _news = new(0);

        private Reader(HubConnection connection) => _connection = connection;

        public ConcurrentQueue<string> Faults { get; } = new();

        public ConcurrentBag<string> Left { get; } = [];

        /// <summary>Connects and subscribes; after a <paramref name="former"/> connection, from where that one was.</summary>
        public static async Task<Reader> ConnectAsync(Uri host, string user, string[] topics, Reader? former = null)
        {
            using var client = new HttpClient { BaseAddress = host };
            using var answer = await client.PostAsJsonAsync("/dev/token", new { tenant = "north", user, roles = new[] { "nurse" } });
            var token = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("token").GetString();
            var reader = new Reader(new HubConnectionBuilder()
                .WithUrl(new Uri(host, "/hubs/clinic"), o => o.AccessTokenProvider = () => Task.FromResult(token))
                .Build());
            reader._connection.On<JsonElement[]>("events", reader.Take);
            reader._connection.On<JsonElement>("presence", reader.TakePresence);
            reader._connection.On<JsonElement>("reset", r => reader.Faults.Enqueue($"reset {r}"));
            await reader._connection.StartAsync();
            foreach (var topic in topics.Append("tenant"))
            {
                var since = former is null ? null : new { epoch = former._epochs[topic], offset = former._offsets[topic] };
                if (since is not null)
                {
                    reader._offsets[topic] = since.offset;
                }

                var subscribed = await reader._connection.InvokeAsync<JsonElement>("Subscribe", topic, since);
                if (since is not null && !subscribed.GetProperty("recovered").GetBoolean())
                {
                    reader.Faults.Enqueue($"{topic} was not recovered from {since.offset}");
                }

                reader.Take([.. subscribed.GetProperty("events").EnumerateArray()]);
                reader._epochs[topic] = subscribed.GetProperty("epoch").GetString()!;
                reader._offsets.TryAdd(topic, subscribed.GetProperty("offset").GetInt64());
                foreach (var entry in subscribed.GetProperty("presence").GetProperty("entries").EnumerateArray())
                {
                    reader._present[entry.GetProperty("user").GetString()!] = true;
                }
            }

            return reader;
        }

        public Task Sees(string user) => Until(() => _present.ContainsKey(user), $"{user} was not seen online");

        public Task SeesLeave(string user, TimeSpan limit) => Until(() => Left.Contains(user), $"{user} was not seen leaving", limit);

        public Task Reaches(string topic, long offset) =>
            Until(() => _offsets[topic] >= offset, $"{topic} did not get to {offset}");

        public async ValueTask DisposeAsync()
        {
            await _connection.DisposeAsync();
            _news.Dispose();
        }

        private async Task Until(Func<bool> done, string what, TimeSpan? within = null)
        {
            using var limit = new CancellationTokenSource(within ?? Limit);
            while (!done())
            {
                try
                {
                    await _news.WaitAsync(limit.Token);
                }
                catch (OperationCanceledException)
                {
                    throw new TimeoutException($"{what}; faults: {string.Join("; ", Faults)}");
                }
            }
        }

        private void Take(JsonElement[] events)
        {
            foreach (var e in events)
            {
                var topic = e.GetProperty("topic").GetString()!;
                var offset = e.GetProperty("offset").GetInt64();
                if (_offsets.TryGetValue(topic, out var last) && offset != last + 1)
                {
                    Faults.Enqueue($"{topic}: {offset} after {last}");
                }

                _offsets[topic] = offset;
            }

            _news.Release();
        }

        private void TakePresence(JsonElement diff)
        {
            foreach (var entry in diff.GetProperty("joins").EnumerateArray())
            {
                _present[entry.GetProperty("user").GetString()!] = true;
            }

            foreach (var user in diff.GetProperty("leaves").EnumerateArray())
            {
                Left.Add(user.GetString()!);
            }

            _news.Release();
        }
    }
}
