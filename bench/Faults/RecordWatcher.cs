using System.Net.Sockets;
using System.Text.Json;
using Clinic.Load.Events;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;

namespace Clinic.Faults;

/// <summary>One event as a watcher got it.</summary>
/// <param name="Id">Its own id.</param>
/// <param name="Type">Its type.</param>
/// <param name="Key">The write it tells of, or null.</param>
internal sealed record SeenEvent(string Id, string Type, string? Key);

/// <summary>
/// A user who reads the topics of a drill with the official client, comes back after every loss of the connection with <c>since</c>, and
/// keeps what it got; anything but offsets that rise by one is a fault.
/// </summary>
internal sealed class RecordWatcher(string user, string token, Func<Uri> host, IReadOnlyList<string> topics)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(15);
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Position> _positions = [];
    private readonly Dictionary<string, List<SeenEvent>> _seen = topics.ToDictionary(topic => topic, _ => new List<SeenEvent>());
    private readonly Dictionary<string, List<JsonElement>> _waiting = [];
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private JsonElement _unread;
    private long _backAt;

    public string User { get; } = user;

    public IReadOnlyList<string> Topics { get; } = topics;

    public long Recovered { get; private set; }

    public int Connections { get; private set; }

    public List<string> Faults { get; } = [];

    /// <summary>Ends when it has subscribed to everything for the first time.</summary>
    public Task Subscribed => _first.Task;

    /// <summary>When it last had subscribed to everything; 0 while it is away.</summary>
    public long BackAt => Volatile.Read(ref _backAt);

    /// <summary>The data of the last <c>unread:changed</c>.</summary>
    public JsonElement Unread
    {
        get
        {
            lock (_lock)
            {
                return _unread;
            }
        }
    }

    public IReadOnlyList<SeenEvent> Seen(string topic)
    {
        lock (_lock)
        {
            return [.. _seen[topic]];
        }
    }

    /// <summary>Reads until it is told to stop.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var connection = Build(closed);
            try
            {
                await connection.StartAsync(stop).WaitAsync(CallLimit, stop);
                await SubscribeAsync(connection, stop);
                Connections++;
                Volatile.Write(ref _backAt, MonotonicClock.Now);
                _first.TrySetResult();
                await closed.Task.WaitAsync(stop);
            }
            catch (Exception exception) when (exception is HttpRequestException or SocketException or IOException or TimeoutException or HubException
                or InvalidOperationException or System.Net.WebSockets.WebSocketException or OperationCanceledException)
            {
                // The server is away or going away: again, until it is there or the drill is over.
            }

            Volatile.Write(ref _backAt, 0);
            if (!stop.IsCancellationRequested)
            {
                await Task.Delay(Pause, CancellationToken.None);
            }
        }
    }

    private HubConnection Build(TaskCompletionSource closed)
    {
        var connection = new HubConnectionBuilder()
            .WithUrl(new Uri(host(), "/hubs/clinic"), options =>
            {
                options.AccessTokenProvider = () => Task.FromResult<string?>(token);
                options.SkipNegotiation = true;
                options.Transports = HttpTransportType.WebSockets;
            })
            .Build();
        lock (_lock)
        {
            // What comes before a topic's answer waits for it.
            foreach (var topic in Topics)
            {
                _waiting[topic] = [];
            }
        }

        connection.On<JsonElement[]>("events", Take);
        connection.On<JsonElement>("reset", reset =>
        {
            lock (_lock)
            {
                Faults.Add($"{User} was told to reload: {reset}");
            }
        });
        connection.Closed += _ =>
        {
            closed.TrySetResult();
            return Task.CompletedTask;
        };
        return connection;
    }

    private async Task SubscribeAsync(HubConnection connection, CancellationToken stop)
    {
        foreach (var topic in Topics)
        {
            Position? since;
            lock (_lock)
            {
                since = _positions.GetValueOrDefault(topic);
            }

            var answer = await connection
                .InvokeAsync<JsonElement>("Subscribe", topic, since is null ? null : new { epoch = since.Epoch, offset = since.Offset }, stop)
                .WaitAsync(CallLimit, stop);
            lock (_lock)
            {
                var epoch = answer.GetProperty("epoch").GetString()!;
                if (since is null)
                {
                    _positions[topic] = new Position(epoch, answer.GetProperty("offset").GetInt64());
                }
                else if (!answer.GetProperty("recovered").GetBoolean() || epoch != since.Epoch)
                {
                    Faults.Add($"{User} was not given {topic} after {since.Offset}");
                    _positions[topic] = new Position(epoch, answer.GetProperty("offset").GetInt64());
                }

                foreach (var missed in answer.GetProperty("events").EnumerateArray())
                {
                    Recovered++;
                    Add(topic, missed);
                }

                // What the answer covers has come twice on purpose.
                foreach (var live in _waiting[topic].Where(e => e.GetProperty("offset").GetInt64() > _positions[topic].Offset))
                {
                    Add(topic, live);
                }

                _waiting.Remove(topic);
            }
        }
    }

    private void Take(JsonElement[] events)
    {
        lock (_lock)
        {
            foreach (var e in events)
            {
                var topic = e.GetProperty("topic").GetString()!;
                if (_waiting.TryGetValue(topic, out var waiting))
                {
                    waiting.Add(e);
                }
                else if (_seen.ContainsKey(topic))
                {
                    Add(topic, e);
                }
                else
                {
                    Faults.Add($"{User} got an event of {topic}");
                }
            }
        }
    }

    private void Add(string topic, JsonElement e)
    {
        var (epoch, last) = (_positions[topic].Epoch, _positions[topic].Offset);
        var offset = e.GetProperty("offset").GetInt64();
        if (e.GetProperty("epoch").GetString() != epoch || offset != last + 1)
        {
            Faults.Add($"{User} got {topic} {offset} after {last}");
        }

        _positions[topic] = new Position(epoch, Math.Max(last, offset));
        var (type, data) = (e.GetProperty("type").GetString()!, e.GetProperty("data"));
        if (type == "unread:changed")
        {
            _unread = data;
        }

        _seen[topic].Add(new SeenEvent(e.GetProperty("id").GetString()!, type, RecordWrite.KeyOf(type, data)));
    }
}
