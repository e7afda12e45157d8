using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.SignalR.Client;

namespace Clinic.Publisher;

/// <summary>A browser of the clinic: follows its topic through the death of the Api, with <c>since</c>, and keeps the events in the order of their offsets.</summary>
internal sealed class Watcher : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);
    private readonly HubConnection _connection;
    private readonly Lock _lock = new();
    private readonly SortedDictionary<long, JsonElement> _events = [];
    private readonly SemaphoreSlim _news = new(0);
    private string _epoch = "";
    private long _first;
    private string? _fault;

    private Watcher(HubConnection connection) => _connection = connection;

    public static async Task<Watcher> ConnectAsync(Uri api)
    {
        var watcher = new Watcher(new HubConnectionBuilder()
            .WithUrl(new Uri(api, "/hubs/clinic"), o => o.AccessTokenProvider = () => TokenAsync(api))
            .WithAutomaticReconnect(new Steady())
            .Build());
        watcher._connection.On<JsonElement[]>("events", watcher.Take);
        watcher._connection.On<JsonElement>("reset", _ => watcher._fault = "a reset");
        watcher._connection.Reconnected += _ => watcher.CatchUpAsync();
        await watcher._connection.StartAsync();
        var subscribed = await watcher._connection.InvokeAsync<JsonElement>("Subscribe", "tenant", null);
        watcher._epoch = subscribed.GetProperty("epoch").GetString()!;
        watcher._first = subscribed.GetProperty("offset").GetInt64() + 1;
        return watcher;
    }

    /// <summary>The first so many events, whose offsets have no hole; in their order.</summary>
    public async Task<IReadOnlyList<JsonElement>> FirstAsync(int count, Func<string> output)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (true)
        {
            lock (_lock)
            {
                Assert.Null(_fault);
                if (_events.Count >= count)
                {
                    Assert.Equal(Enumerable.Range(0, _events.Count).Select(n => _first + n), _events.Keys);
                    return [.. _events.Values];
                }
            }

            try
            {
                await _news.WaitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"{_events.Count} of {count} events came.\n{output()}");
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        _news.Dispose();
    }

    private static async Task<string?> TokenAsync(Uri api)
    {
        using var client = new HttpClient { BaseAddress = api };
        using var answer = await client.PostAsJsonAsync("/dev/token", new { tenant = "north", user = "ann", roles = new[] { "nurse" } });
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("token").GetString();
    }

    private async Task CatchUpAsync()
    {
        var last = _events.Count > 0 ? _events.Keys.Last() : _first - 1;
        var answer = await _connection.InvokeAsync<JsonElement>("Subscribe", "tenant", new { epoch = _epoch, offset = last });
        if (!answer.GetProperty("recovered").GetBoolean())
        {
            _fault = "events that could not be recovered";
        }

        Take([.. answer.GetProperty("events").EnumerateArray()]);
    }

    private void Take(JsonElement[] events)
    {
        lock (_lock)
        {
            foreach (var e in events)
            {
                _events[e.GetProperty("offset").GetInt64()] = e.Clone();
            }
        }

        _news.Release();
    }

    private sealed class Steady : IRetryPolicy
    {
        public TimeSpan? NextRetryDelay(RetryContext retryContext) => TimeSpan.FromMilliseconds(200);
    }
}
