using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;

namespace Clinic.Load.Events;

/// <summary>Publishes on a fixed schedule, whatever the server does (open loop): a slow answer delays no other event.</summary>
internal sealed class Publisher(
    HttpClient http, IReadOnlyList<Uri> hosts, string serviceKey, IReadOnlyList<TopicLedger> topics, int run, int payload)
{
    private const int MostUnderWay = 20_000;

    private int _underWay;
    private long _sequence = -1;

    /// <summary>How long a refused event is tried again with the same id; zero means once and never again.</summary>
    public TimeSpan RetryFor { get; init; }

    /// <summary>Stands in the data of each event.</summary>
    public string Mark { get; init; } = "";

    /// <summary>Is told the topic's number and the event's when it is due, and again with the offset when it is acknowledged.</summary>
    public Action<int, long, long?>? Observed { get; init; }

    public int UnderWay => Volatile.Read(ref _underWay);

    /// <summary>Runs the schedule on a thread of its own; done when the last event has been sent off.</summary>
    public Task RunAsync(long from, long until, double rate, PublishLog log, CancellationToken cancellation)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            for (var count = 0L; !cancellation.IsCancellationRequested; count++)
            {
                var due = from + (long)(count * (MonotonicClock.Ticks(TimeSpan.FromSeconds(1)) / rate));
                if (due >= until)
                {
                    break;
                }

                MonotonicClock.WaitUntil(due);
                var sequence = Interlocked.Increment(ref _sequence);
                log.Due();
                if (UnderWay >= MostUnderWay)
                {
                    log.Refuse("not sent: too many under way");
                    log.Abandon();
                    continue;
                }

                Interlocked.Increment(ref _underWay);
                ThreadPool.UnsafeQueueUserWorkItem(
                    static state => _ = state.Publisher.PublishAsync(state.sequence, state.due, state.log),
                    (Publisher: this, sequence, due, log),
                    preferLocal: false);
            }

            done.SetResult();
        })
        { IsBackground = true, Name = "publishing schedule" };
        thread.Start();
        return done.Task;
    }

    private async Task PublishAsync(long sequence, long due, PublishLog log)
    {
        var number = (int)(sequence % topics.Count);
        var topic = topics[number];
        var host = (int)(sequence % hosts.Count);
        var giveUp = MonotonicClock.Now + MonotonicClock.Ticks(RetryFor);
        Observed?.Invoke(number, sequence, null);
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                var (offset, refusal) = await TryAsync(topic, hosts[host], sequence, due);
                if (refusal is null)
                {
                    topic.Acknowledge(offset, sequence);
                    Observed?.Invoke(number, sequence, offset);
                    log.Acknowledge(number, due, MonotonicClock.Now);
                    return;
                }

                log.Refuse(refusal);
                if (MonotonicClock.Now >= giveUp)
                {
                    log.Abandon();
                    return;
                }

                host = (host + 1) % hosts.Count;
                var pause = Math.Min(5000, 100 << Math.Min(attempt, 6));
                await Task.Delay(Random.Shared.Next(pause / 2, pause));
                log.Retried();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _underWay);
        }
    }

    private async Task<(long Offset, string? Refusal)> TryAsync(TopicLedger topic, Uri host, long sequence, long due)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(host, "/api/events"));
        request.Headers.Authorization = new AuthenticationHeaderValue("ServiceKey", serviceKey);
        request.Headers.Add("X-Tenant", topic.Tenant);
        request.Content = new ReadOnlyMemoryContent(Body(topic.Topic, sequence, due));
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        try
        {
            using var answer = await http.SendAsync(request);
            if (answer.StatusCode == HttpStatusCode.Accepted)
            {
                using var body = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync());
                return (body.RootElement.GetProperty("offset").GetInt64(), null);
            }

            return (0, $"{(int)answer.StatusCode} {await CodeAsync(answer)}");
        }
        catch (OperationCanceledException)
        {
            return (0, "no answer in time");
        }
        catch (HttpRequestException exception)
        {
            return (0, exception.HttpRequestError.ToString());
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            return (0, "connection cut");
        }
    }

    private static async Task<string> CodeAsync(HttpResponseMessage answer)
    {
        try
        {
            var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
            return problem.GetProperty("code").GetString() ?? "without code";
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or NotSupportedException)
        {
            return "without code";
        }
    }

    private ReadOnlyMemory<byte> Body(string topic, long sequence, long due)
    {
        var output = new ArrayBufferWriter<byte>(payload + 200);
        using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        json.WriteString("topic", topic);
        json.WriteString("type", "load:tick");
        json.WriteString("id", string.Create(CultureInfo.InvariantCulture, $"load-{run}-{sequence}"));
        json.WriteStartObject("data");
        json.WriteNumber("due", due);
        json.WriteNumber("seq", sequence);
        json.WriteNumber("run", run);
        json.WriteString("pad", Mark.PadRight(Math.Max(0, payload - 60), 'x'));
        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
        return output.WrittenMemory;
    }
}
