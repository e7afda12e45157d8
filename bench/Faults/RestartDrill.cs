using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Clinic.Load.Clients;
using Clinic.Load.Events;
using Clinic.Load.Servers;
using Clinic.Load;

namespace Clinic.Faults;

/// <summary>Everything is stopped and started again: records, events, ids and positions must still be there.</summary>
internal sealed class RestartDrill : ILinkReceiver, IDisposable
{
    private const int SeenEvents = 20;
    private const int MissedEvents = 7;
    private const string Patient = "patient:restart";

    private readonly HttpClient _http = LoadRun.NewHttp();
    private readonly string _key = Environment.GetEnvironmentVariable("Auth__ServiceKeys__0") ?? "development-service-key";
    private readonly string _tenant = string.Create(CultureInfo.InvariantCulture, $"restart-{Random.Shared.Next()}");

    public static async Task RunAsync(FaultOptions options, LocalCluster cluster, TimeProvider time, FaultReport report)
    {
        await cluster.StartFreshAsync(options.ClusterOptions);
        using (var drill = new RestartDrill())
        {
            await drill.CheckAsync(
                "cluster",
                () => Task.FromResult(cluster.Hosts[0]),
                async _ =>
                {
                    await cluster.RunAsync("stop");
                    await cluster.StartAsync(["--no-build", .. options.ClusterOptions]);
                    return cluster.Hosts[1];
                },
                time,
                report);
        }

        foreach (var signal in new[] { "TERM", "KILL" })
        {
            using var drill = new RestartDrill();
            var folder = Directory.CreateTempSubdirectory("clinic-restart-");
            var process = new EmbeddedApi(cluster.HostAssembly, folder.FullName, drill._key);
            try
            {
                await drill.CheckAsync(
                    $"one process, SIG{signal}",
                    process.StartAsync,
                    async _ =>
                    {
                        await process.StopAsync(signal);
                        return await process.StartAsync();
                    },
                    time,
                    report);
            }
            finally
            {
                await process.StopAsync("KILL");
                folder.Delete(recursive: true);
            }
        }
    }

    void ILinkReceiver.Event(ReadOnlySpan<byte> topic, ReadOnlySpan<byte> epoch, in Arrival arrival)
    {
        // Only answers are looked at here.
    }

    void ILinkReceiver.Presence(PresenceChanges diff)
    {
        // Only answers are looked at here.
    }

    void ILinkReceiver.Reset(string topic)
    {
        // Only answers are looked at here.
    }

    void ILinkReceiver.Closing(string reason, int retryAfterMs)
    {
        // Only answers are looked at here.
    }

    public void Dispose() => _http.Dispose();

    private async Task CheckAsync(
        string variant, Func<Task<Uri>> start, Func<Uri, Task<Uri>> restart, TimeProvider time, FaultReport report)
    {
        var host = await start();
        var token = await new TokenSource(_http, host, null, time).TokenAsync(_tenant, "anna", CancellationToken.None);
        var day = time.GetUtcNow().AddDays(1);
        var appointment = await SendAsync(host, HttpMethod.Post, "/api/appointments", new
        {
            patientId = "restart",
            providerId = "anna",
            startsAt = day,
            durationMinutes = 30,
            reason = "check",
        });
        var thread = await SendAsync(host, HttpMethod.Post, "/api/messaging", new { subject = "restart", participants = new List<string> { "ben" } });
        var threadId = thread.GetProperty("id").GetString()!;
        await SendAsync(host, HttpMethod.Post, $"/api/messaging/{threadId}/messages", new { body = "still here?" });

        var beginning = await SubscribeAsync(host, token, null);
        for (var sequence = 1; sequence <= SeenEvents; sequence++)
        {
            await PublishAsync(host, sequence);
        }

        var seen = await SubscribeAsync(host, token, new Position(beginning.Epoch, beginning.Offset));
        for (var sequence = SeenEvents + 1; sequence <= SeenEvents + MissedEvents; sequence++)
        {
            await PublishAsync(host, sequence);
        }

        var stopped = Stopwatch.StartNew();
        host = await restart(host);
        report.Figures[$"{variant}: stopped and ready again after s"] = Math.Round(stopped.Elapsed.TotalSeconds, 1);

        var back = await SubscribeAsync(host, token, new Position(seen.Epoch, seen.Offset));
        var expected = Enumerable.Range(SeenEvents + 1, MissedEvents).Select(sequence => (long)sequence).ToList();
        Require(back.Recovered, "the position was not recovered");
        Require(back.Epoch == seen.Epoch, $"the epoch changed from {seen.Epoch} to {back.Epoch}");
        Require(
            back.Events.Select(arrival => arrival.Sequence).SequenceEqual(expected),
            $"recovered {string.Join(' ', back.Events.Select(arrival => arrival.Sequence))} instead of {string.Join(' ', expected)}");
        Require(
            back.Events.Select(arrival => arrival.Offset).SequenceEqual(expected.Select(sequence => beginning.Offset + sequence)),
            "the recovered events' offsets don't follow on");
        var all = await SubscribeAsync(host, token, new Position(beginning.Epoch, beginning.Offset));
        Require(all.Recovered && all.Events.Count == SeenEvents + MissedEvents, $"of all events {all.Events.Count} were recovered");

        Require(await PublishAsync(host, 3) == beginning.Offset + 3, "a publish with a known id got another offset");
        var next = beginning.Offset + SeenEvents + MissedEvents + 1;
        var given = await PublishAsync(host, SeenEvents + MissedEvents + 1);
        Require(given == next, $"the next event got offset {given} instead of {next}");

        var id = appointment.GetProperty("id").GetString();
        var list = await SendAsync(host, HttpMethod.Get, $"/api/appointments?date={day:yyyy-MM-dd}", null);
        Require(list.GetProperty("items").EnumerateArray().Any(item => item.GetProperty("id").GetString() == id), "the appointment is gone");
        var messages = await SendAsync(host, HttpMethod.Get, $"/api/messaging/{threadId}/messages", null);
        Require(messages.GetProperty("items").GetArrayLength() == 1, "the message is gone");
        report.Log.Add($"{variant}: {back.Events.Count} missed events recovered, records found");

        void Require(bool holds, string violation) => report.Require(holds, $"{variant}: {violation}");
    }

    private async Task<SubscribeAnswer> SubscribeAsync(Uri host, string token, Position? since)
    {
        await using var link = new LeanLink(new Uri(host, "/hubs/clinic"), token, this);
        await link.OpenAsync(CancellationToken.None);
        SubscribeAnswer? answer = null;
        await link.SubscribeAsync(Patient, since, given => answer = given, CancellationToken.None);
        return answer!;
    }

    private async Task<long> PublishAsync(Uri host, long sequence)
    {
        var answer = await SendAsync(host, HttpMethod.Post, "/api/events", new
        {
            topic = Patient,
            type = "vitals:updated",
            id = string.Create(CultureInfo.InvariantCulture, $"{_tenant}-{sequence}"),
            data = new { seq = sequence, run = 1, due = 0 },
        });
        return answer.GetProperty("offset").GetInt64();
    }

    private async Task<JsonElement> SendAsync(Uri host, HttpMethod method, string path, object? body)
    {
        using var request = new HttpRequestMessage(method, new Uri(host, path));
        request.Headers.Authorization = new AuthenticationHeaderValue("ServiceKey", _key);
        request.Headers.Add("X-Tenant", _tenant);
        request.Headers.Add("X-User", "anna");
        request.Content = body is null ? null : JsonContent.Create(body);
        using var answer = await _http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode
            ? JsonSerializer.Deserialize<JsonElement>(text)
            : throw new InvalidOperationException($"{method} {path} answered {(int)answer.StatusCode}: {text}");
    }
}
