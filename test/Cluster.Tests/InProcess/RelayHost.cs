using System.Diagnostics.Metrics;
using Clinic.Hosts;
using Clinic.Presence;
using Clinic.Realtime;
using Clinic.Security;
using Clinic.Streams;
using Clinic.Topics;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Clinic.InProcess;

/// <summary>What an Api host has between the silos and its connections: relay, stream reader and beat. Several share this process and its client.</summary>
internal sealed class RelayHost : IAsyncDisposable
{
    private readonly HostIdentity _identity = new();
    private readonly RelayMetrics _metrics = new(new NoMeters());
    private readonly IOptions<RelayOptions> _options = Options.Create(new RelayOptions());
    private readonly HostStreamReader _reader;
    private readonly HostBeat _beat;

    private RelayHost(IClusterClient client)
    {
        var silos = new HostSilos(client, TimeProvider.System);
        Relay = new TopicRelay(_identity, client, silos, _options, _metrics, TimeProvider.System, NullLogger<TopicRelay>.Instance);
        _reader = new HostStreamReader(_identity, client, Relay, silos, _options, _metrics, TimeProvider.System, NullLogger<HostStreamReader>.Instance);
        _beat = new HostBeat(_identity, client, silos, Relay, Options.Create(new HostLivenessOptions()), TimeProvider.System, NullLogger<HostBeat>.Instance);
    }

    public TopicRelay Relay { get; }

    /// <summary>Its stream, which the silos take the subscription of when they believe it is dead.</summary>
    public StreamId Stream => HostStreams.For(_identity.Id);

    public static async Task<RelayHost> StartAsync(IClusterClient client)
    {
        var host = new RelayHost(client);
        await host._reader.StartAsync(CancellationToken.None);
        await host._beat.StartAsync(CancellationToken.None);
        return host;
    }

    /// <summary>Ends without a word, as a process that is killed: no beat, nobody who reads its stream.</summary>
    public async Task KillAsync()
    {
        await _beat.StopAsync(CancellationToken.None);
        await _reader.StopAsync(CancellationToken.None);
    }

    public async Task<RelayedClient> ConnectAsync(string user, params TopicId[] topics)
    {
        var client = new RelayedClient(user, _options.Value, _metrics);
        foreach (var topic in topics)
        {
            await client.SubscribeAsync(Relay, topic, null);
        }

        return client;
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _beat.Dispose();
        _reader.Dispose();
    }

    private sealed class NoMeters : IMeterFactory
    {
        public Meter Create(MeterOptions options) => new(options);

        public void Dispose()
        {
        }
    }
}

/// <summary>A connection at the end of a relay, that holds what it gets against the contract.</summary>
internal sealed class RelayedClient
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _offsets = [];
    private readonly HashSet<string> _present = [];
    private readonly List<string> _left = [];
    private readonly List<string> _heard = [];
    private readonly List<string> _faults = [];
    private readonly List<InvocationMessage> _early = [];
    private TaskCompletionSource _news = NewNews();
    private bool _subscribing;

    public RelayedClient(string user, RelayOptions options, RelayMetrics metrics)
    {
        Connection = new LiveConnection($"{user}-{Guid.NewGuid():N}", new ConnectionOutlet(Take, () => Fault("cut off"), options, metrics))
        {
            Caller = new Caller("north", user, user, ["nurse"], false),
        };
    }

    public LiveConnection Connection { get; }

    public IReadOnlyList<string> Faults
    {
        get
        {
            lock (_lock)
            {
                return [.. _faults];
            }
        }
    }

    public IReadOnlyList<string> Left
    {
        get
        {
            lock (_lock)
            {
                return [.. _left];
            }
        }
    }

    /// <summary>The signals that came, in their order: topic and name.</summary>
    public IReadOnlyList<string> Heard
    {
        get
        {
            lock (_lock)
            {
                return [.. _heard];
            }
        }
    }

    /// <summary>Is present on the topic and gets what happens there.</summary>
    public async Task SubscribeAsync(TopicRelay relay, TopicId topic, LogPosition? since)
    {
        var view = topic.Kind == TopicKind.Patient ? new ChartView(TimeProvider.System.GetUtcNow(), null) : null;
        await relay.ContributeAndWaitAsync(topic, Connection.PresenceOn(topic, TimeProvider.System.GetUtcNow()) with { Viewing = view });
        lock (_lock)
        {
            _subscribing = true;
        }

        var answer = await relay.SubscribeAsync(Connection, topic, since);
        lock (_lock)
        {
            if (since is { } position)
            {
                if (!answer.Recovered)
                {
                    Fault($"{answer.Topic} was not recovered from {position.Offset}");
                }

                _offsets[answer.Topic] = position.Offset;
                TakeEvents([.. answer.Events]);
            }

            _offsets[answer.Topic] = answer.Offset;
            _present.UnionWith(answer.Presence.Entries.Select(e => e.User));
            _subscribing = false;
            foreach (var early in _early)
            {
                Handle(early);
            }

            _early.Clear();
        }
    }

    public long OffsetOf(TopicId topic)
    {
        lock (_lock)
        {
            return _offsets[topic.WireName];
        }
    }

    public Task Sees(string user, TimeSpan limit) => Until(() => _present.Contains(user), $"{user} was not seen", limit);

    public Task SeesLeave(string user, TimeSpan limit) => Until(() => _left.Contains(user), $"{user} was not seen leaving", limit);

    public Task Reaches(TopicId topic, long offset, TimeSpan limit) =>
        Until(() => _offsets[topic.WireName] >= offset, $"{topic} did not get to {offset}", limit);

    public Task Hears(string name, int times, TimeSpan limit) =>
        Until(() => _heard.Count(h => h.EndsWith($" {name}", StringComparison.Ordinal)) >= times, $"{name} was not heard {times} times", limit);

    private async Task Until(Func<bool> done, string what, TimeSpan limit)
    {
        using var stop = new CancellationTokenSource(limit);
        while (true)
        {
            Task news;
            lock (_lock)
            {
                if (done())
                {
                    return;
                }

                news = _news.Task;
            }

            try
            {
                await news.WaitAsync(stop.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"{what}; offsets {string.Join(", ", _offsets)}; faults {string.Join("; ", Faults)}");
            }
        }
    }

    private ValueTask Take(SerializedHubMessage serialized)
    {
        lock (_lock)
        {
            var message = (InvocationMessage)serialized.Message!;
            if (_subscribing)
            {
                _early.Add(message);
            }
            else
            {
                Handle(message);
            }

            _news.TrySetResult();
            _news = NewNews();
        }

        return ValueTask.CompletedTask;
    }

    private void Handle(InvocationMessage message)
    {
        switch (message.Arguments[0])
        {
            case WireEvent[] events:
                TakeEvents(events);
                break;
            case WirePresenceDiff diff:
                _present.UnionWith(diff.Joins.Select(e => e.User));
                _left.AddRange(diff.Leaves);
                break;
            case WireSignal[] signals:
                _heard.AddRange(signals.Select(s => $"{s.Topic} {s.Name}"));
                break;
            case WireReset reset:
                Fault($"{reset.Topic} was reset");
                break;
        }
    }

    private void TakeEvents(WireEvent[] events)
    {
        foreach (var e in events)
        {
            if (e.Offset != _offsets[e.Topic] + 1)
            {
                Fault($"{e.Topic}: {e.Offset} after {_offsets[e.Topic]}");
            }

            _offsets[e.Topic] = e.Offset;
        }
    }

    private void Fault(string what)
    {
        lock (_lock)
        {
            _faults.Add(what);
        }
    }

    private static TaskCompletionSource NewNews() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
