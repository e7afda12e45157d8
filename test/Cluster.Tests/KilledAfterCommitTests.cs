using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Threading.Channels;
using Clinic.Databases;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Data.Sqlite;

namespace Clinic;

public sealed class KilledAfterCommitTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly Uri Appointments = new("/api/appointments", UriKind.Relative);

    [Fact]
    public async Task A_write_that_was_committed_and_not_told_is_delivered_once_after_the_restart_and_its_repeat_writes_nothing()
    {
        using var file = new SqliteFile();
        JsonElement position;
        string token;
        await using (var doomed = ClinicProcess.Embedded(file.ConnectionString, killAfterWrites: 2))
        {
            await doomed.ReadyAsync();
            token = await TokenAsync(doomed.Address);
            using var http = Client(doomed.Address, token);
            await using var ann = await Watcher.ConnectAsync(doomed.Address, token, null);
            using (var first = await MakeAsync(http, "first"))
            {
                Assert.Equal(HttpStatusCode.Created, first.StatusCode);
            }

            position = await ann.NextAsync("first");
            await Assert.ThrowsAsync<HttpRequestException>(() => MakeAsync(http, "second"));
            await doomed.EndedAsync();
        }

        // Committed, and nobody has been told.
        Assert.Equal((2, 1), (Count(file, "appointment"), Count(file, "pending_event")));

        await using var back = ClinicProcess.Embedded(file.ConnectionString);
        await back.ReadyAsync();
        using var again = Client(back.Address, token);
        await using var watcher = await Watcher.ConnectAsync(back.Address, token, position);
        var second = await watcher.NextAsync("second");
        using var repeat = await MakeAsync(again, "second");
        Assert.Equal(HttpStatusCode.Created, repeat.StatusCode);
        Assert.Equal("true", repeat.Headers.GetValues("Idempotent-Replayed").Single());
        Assert.Equal(
            (await repeat.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString(), second.GetProperty("data").GetProperty("id").GetString());

        // Had it come twice, the second time would be ahead of this.
        using var last = await MakeAsync(again, "third");
        var third = await watcher.NextAsync("third");
        Assert.Equal([1, 2, 3], new[] { position, second, third }.Select(e => e.GetProperty("offset").GetInt64()));
        Assert.Equal((3, 0), (Count(file, "appointment"), Count(file, "pending_event")));
    }

    private static async Task<HttpResponseMessage> MakeAsync(HttpClient http, string reason)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Appointments)
        {
            Content = JsonContent.Create(new { patientId = "p1", providerId = "ben", startsAt = "2031-05-06T07:00:00Z", durationMinutes = 30, reason }),
        };
        request.Headers.Add("Idempotency-Key", reason);
        return await http.SendAsync(request);
    }

    private static HttpClient Client(Uri address, string token) =>
        new() { BaseAddress = address, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };

    private static async Task<string> TokenAsync(Uri address)
    {
        using var http = new HttpClient { BaseAddress = address };
        using var answer = await http.PostAsJsonAsync("/dev/token", new { tenant = "north", user = "ann", roles = new[] { "nurse" } });
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("token").GetString()!;
    }

    private static long Count(SqliteFile file, string table)
    {
        using var connection = new SqliteConnection(file.ConnectionString);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"select count(*) from {table}";
        return (long)command.ExecuteScalar()!;
    }

    /// <summary>Reads the clinic's topic.</summary>
    private sealed class Watcher : IAsyncDisposable
    {
        private readonly HubConnection _connection;
        private readonly Channel<JsonElement> _events = Channel.CreateUnbounded<JsonElement>();

        private Watcher(HubConnection connection) => _connection = connection;

        /// <summary>Goes on after the event <paramref name="last"/>, or from now.</summary>
        public static async Task<Watcher> ConnectAsync(Uri host, string token, JsonElement? last)
        {
            var connection = new HubConnectionBuilder()
                .WithUrl(new Uri(host, "/hubs/clinic"), o => o.AccessTokenProvider = () => Task.FromResult<string?>(token))
                .Build();
            var watcher = new Watcher(connection);
            // What comes live while the answer is on its way waits for it.
            var answered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            connection.On<JsonElement[]>("events", async events =>
            {
                await answered.Task;
                watcher.Take(events);
            });
            await connection.StartAsync();
            var since = last is { } e ? new { epoch = e.GetProperty("epoch").GetString(), offset = e.GetProperty("offset").GetInt64() } : null;
            var answer = await connection.InvokeAsync<JsonElement>("Subscribe", "tenant", since);
            Assert.Equal(since is not null, answer.GetProperty("recovered").GetBoolean());
            watcher.Take([.. answer.GetProperty("events").EnumerateArray()]);
            answered.SetResult();
            return watcher;
        }

        /// <summary>The next event, which has to be of the appointment with this reason.</summary>
        public async Task<JsonElement> NextAsync(string reason)
        {
            try
            {
                var next = await _events.Reader.ReadAsync().AsTask().WaitAsync(Limit);
                Assert.Equal(("appointment:created", reason), (next.GetProperty("type").GetString(), next.GetProperty("data").GetProperty("reason").GetString()));
                return next;
            }
            catch (TimeoutException)
            {
                throw new TimeoutException($"The event of the appointment {reason} never came.");
            }
        }

        public async ValueTask DisposeAsync() => await _connection.DisposeAsync();

        private void Take(JsonElement[] events) => Array.ForEach(events, e => _events.Writer.TryWrite(e));
    }
}
