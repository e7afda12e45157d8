using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Clinic.Load;
using Clinic.Load.Clients;
using Clinic.Load.Events;

namespace Clinic.Faults;

/// <summary>
/// Users who write records at a steady pace, whatever becomes of the writes before, and try each with its <c>Idempotency-Key</c> until it is
/// answered.
/// </summary>
internal sealed class RecordWriters(string tenant, IReadOnlyList<string> readers, Func<Uri> host) : IDisposable
{
    private const int Writers = 4;

    /// <summary>For how long writes are tried when no new ones begin: what becomes of one that is given up nobody knows, so none is before.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);

    private static readonly TimeSpan TryLimit = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly HttpClient _http = LoadRun.NewHttp();
    private readonly ConcurrentQueue<Task> _open = new();
    private readonly List<string> _tokens = [];
    private string _thread = "";
    private long _lastAnswer;
    private long _endsAt = long.MaxValue;

    public static IReadOnlyList<string> Patients { get; } = ["p1", "p2", "p3", "p4"];

    public ConcurrentQueue<AnsweredWrite> Answered { get; } = new();

    /// <summary>Tries that were not answered with a success, by what they met, with the time of each.</summary>
    public ConcurrentQueue<(string What, long At)> Refusals { get; } = new();

    public ConcurrentQueue<string> Faults { get; } = new();

    public string Thread => _thread;

    /// <summary>When a write was last answered.</summary>
    public long LastAnswer => Volatile.Read(ref _lastAnswer);

    /// <summary>Gets tokens and makes the thread; once, with the server up.</summary>
    public async Task PrepareAsync(TimeProvider time)
    {
        var tokens = new TokenSource(_http, host(), null, time);
        for (var writer = 0; writer < Writers; writer++)
        {
            _tokens.Add(await tokens.TokenAsync(tenant, $"writer-{writer}", CancellationToken.None));
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(host(), "/api/messaging"))
        {
            Content = JsonContent.Create(new
            {
                subject = "drill",
                participants = readers.Concat(Enumerable.Range(0, Writers).Select(writer => $"writer-{writer}")),
            }),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _tokens[0]);
        using var answer = await _http.SendAsync(request);
        _thread = (await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
    }

    /// <summary>Starts writes at a pace until it is told to stop, and returns when the last of them is answered or given up.</summary>
    public async Task RunAsync(int writesPerSecond, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / writesPerSecond));
        for (var number = 0; !stop.IsCancellationRequested; number++)
        {
            _open.Enqueue(WriteAsync(number));
            try
            {
                await timer.WaitForNextTickAsync(stop);
            }
            catch (OperationCanceledException)
            {
                break;
            }
        }

        Volatile.Write(ref _endsAt, MonotonicClock.Now + MonotonicClock.Ticks(Patience));
        await Task.WhenAll(_open);
    }

    /// <summary>Every page of a list that a reader of all may see.</summary>
    public async Task<List<JsonElement>> ListAsync(string path)
    {
        var items = new List<JsonElement>();
        var isMessages = path.EndsWith("/messages", StringComparison.Ordinal);
        string? next = null;
        do
        {
            var from = next is null ? "" : $"&{(isMessages ? "before" : "cursor")}={Uri.EscapeDataString(next)}";
            var page = await GetAsync($"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}limit=200{from}");
            items.AddRange(page.GetProperty("items").EnumerateArray());
            next = page.GetProperty("next").GetString();
        }
        while (next is not null);
        return items;
    }

    public void Dispose() => _http.Dispose();

    private async Task<JsonElement> GetAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(host(), path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _tokens[0]);
        using var answer = await _http.SendAsync(request);
        return await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>();
    }

    private async Task WriteAsync(int number)
    {
        // The kinds go round, and each meets every writer, patient and receiver.
        var kind = (RecordKind)(number % 4);
        var round = number / 4;
        var write = new RecordWrite(
            string.Create(CultureInfo.InvariantCulture, $"write-{number}"), kind, _thread, Patients[round % Patients.Count], readers[round % readers.Count]);
        var token = _tokens[round % Writers];
        var started = MonotonicClock.Now;
        for (var tries = 1; MonotonicClock.Now < Volatile.Read(ref _endsAt); tries++)
        {
            if (await TryAsync(write, token) is { } answer)
            {
                var now = MonotonicClock.Now;
                Answered.Enqueue(new AnsweredWrite(kind, write.KeyOf(answer), write.Receiver, started, now, tries));
                Volatile.Write(ref _lastAnswer, now);
                return;
            }

            await Task.Delay(Pause);
        }

        Faults.Enqueue($"write {number} ({kind}) was never answered");
    }

    /// <summary>The answer of a success, or null when it has to be tried again.</summary>
    private async Task<JsonElement?> TryAsync(RecordWrite write, string token)
    {
        using var limit = new CancellationTokenSource(TryLimit);
        try
        {
            using var request = write.Request(host());
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            using var answer = await _http.SendAsync(request, limit.Token);
            var body = await answer.Content.ReadFromJsonAsync<JsonElement>(limit.Token);
            if (answer.IsSuccessStatusCode)
            {
                return body;
            }

            var code = body.TryGetProperty("code", out var text) ? text.GetString() : "without code";
            Refuse($"{(int)answer.StatusCode} {code}");
            if (answer.StatusCode is not (HttpStatusCode.Conflict or HttpStatusCode.ServiceUnavailable))
            {
                Faults.Enqueue($"a {write.Kind} was refused with {(int)answer.StatusCode} {code}");
            }
        }
        // SocketException: the handler throws it bare when the server dies between the connect and its own question for the address.
        catch (Exception exception) when (exception is HttpRequestException or SocketException or OperationCanceledException or IOException or JsonException)
        {
            Refuse(exception is OperationCanceledException ? "no answer in time" : "connection lost");
        }

        return null;
    }

    private void Refuse(string what) => Refusals.Enqueue((what, MonotonicClock.Now));
}
