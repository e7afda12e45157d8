using System.Reflection;
using Clinic.Hosting;
using Clinic.Presence;
using Clinic.Security;
using Clinic.Streams;
using Clinic.Tenancy;
using Clinic.Topics;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Clinic.Realtime;

/// <summary>A relay shard with one topic, whose grain answers what the test says, in logical time.</summary>
internal sealed class OneTopicHost
{
    public static readonly TopicId Topic = TopicId.ForTenant("north");

    public OneTopicHost()
    {
        var grains = DispatchProxy.Create<IGrainFactory, OneTopicFactory>();
        ((OneTopicFactory)(object)grains).Topic = Grain;
        var signals = new HostSignals("here", Silos.Factory, Metrics, Time, NullLogger.Instance);
        Shard = new RelayShard("here", grains, Options, Metrics, signals, _ => { }, Time, NullLogger.Instance);
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public RelayOptions Options { get; } = new();

    public RelayMetrics Metrics { get; } = new(new NoMeters());

    public ScriptedTopic Grain { get; } = new();

    public SignalledSilos Silos { get; } = new();

    public RelayShard Shard { get; }

    /// <summary>Does what waits and what comes of it, but not for ever: a shard that never rests is what some tests look for.</summary>
    public void Work()
    {
        for (var i = 0; i < 50; i++)
        {
            Shard.RunRound();
        }
    }

    /// <summary>Lets time pass, with the shard's ticks.</summary>
    public void Pass(TimeSpan time)
    {
        for (var end = Time.GetUtcNow() + time; Time.GetUtcNow() < end;)
        {
            Time.Advance(TimeSpan.FromMilliseconds(200));
            Shard.Tick();
            Work();
        }
    }

    public (Joiner Joiner, SeenByClient Seen) Join(string connection, LogPosition? since = null, SeenByClient? seen = null)
    {
        seen ??= new SeenByClient();
        var live = new LiveConnection(connection, new ConnectionOutlet(seen.Take, () => { }, Options, Metrics))
        {
            Caller = new Caller(Topic.Tenant, connection, connection, [], false),
        };
        var joiner = new Joiner(live, since);
        Shard.With(Topic, t => t.Join(joiner));
        Work();
        return (joiner, seen);
    }

    /// <summary>Somebody who need not be subscribed sends a signal.</summary>
    public void Signal(string name)
    {
        Shard.With(Topic, t => t.Signal(new SignalItem(Topic, name, "{}"u8.ToArray(), "u"), "sender"));
        Work();
    }

    public void Take(params RelayItem[] items)
    {
        Shard.Take(items);
        Work();
    }

    public static EventsItem Events(long from, long to, string epoch = "log") => new(Topic, epoch, EventsOf(from, to));

    public static TopicEvent[] EventsOf(long from, long to) =>
        [.. Enumerable.Range(0, (int)(to - from + 1)).Select(i => new TopicEvent("t", $"e{from + i}", from + i, DateTimeOffset.UnixEpoch, "{}"u8.ToArray(), null))];
}

/// <summary>What one client was sent.</summary>
internal sealed class SeenByClient
{
    public List<long> Offsets { get; } = [];

    /// <summary>How many calls brought them.</summary>
    public int Calls { get; private set; }

    public List<string> Left { get; } = [];

    public int Resets { get; private set; }

    /// <summary>Set to have the connection's pipe fail at once.</summary>
    public bool Throws { get; set; }

    public ValueTask Take(SerializedHubMessage serialized)
    {
        if (Throws)
        {
            throw new InvalidOperationException("The pipe is broken.");
        }

        switch (((InvocationMessage)serialized.Message!).Arguments[0])
        {
            case WireEvent[] events:
                Offsets.AddRange(events.Select(e => e.Offset));
                Calls++;
                break;
            case WirePresenceDiff diff:
                Left.AddRange(diff.Leaves);
                break;
            case WireReset:
                Resets++;
                break;
        }

        return ValueTask.CompletedTask;
    }
}

/// <summary>A topic's grain that says what the test wants.</summary>
internal sealed class ScriptedTopic : ITenantGrain
{
    public long Head { get; set; }

    public string Epoch { get; set; } = "log";

    public int Attaches { get; private set; }

    public int Reads { get; private set; }

    public PresenceEntry[] Present { get; set; } = [];

    public long PresenceVersion { get; set; }

    /// <summary>What reading answers; by default everything up to the head.</summary>
    public Func<LogPosition?, Task<LogSlice>>? OnRead { get; set; }

    public Func<Task>? OnAttach { get; set; }

    public Func<Task>? OnDetach { get; set; }

    /// <summary>The names of the signals that came to the topic itself.</summary>
    public List<string> Signals { get; } = [];

    public Func<Task>? OnSignal { get; set; }

    public string Silo { get; set; } = "silo";

    public LogPosition Position => new(Epoch, Head);

    public async Task<Attached> AttachAsync(Attachment attachment)
    {
        Attaches++;
        if (OnAttach is { } act)
        {
            await act();
        }

        return new Attached(Position, "0001", Silo, new PresenceSnapshot("grain", PresenceVersion, true, Present));
    }

    public Task DetachAsync(string host, long sequence) => OnDetach?.Invoke() ?? Task.CompletedTask;

    public Task<bool> ChangePresenceAsync(string host, PresenceChanges changes) => Task.FromResult(true);

    public Task<LogSlice> ReadAsync(LogPosition? since)
    {
        Reads++;
        return OnRead is { } read ? read(since) : Task.FromResult(Slice(since));
    }

    public LogSlice Slice(LogPosition? since) =>
        since is { } position && position.Epoch == Epoch && position.Offset <= Head
            ? new LogSlice(Position, true, OneTopicHost.EventsOf(position.Offset + 1, Head))
            : new LogSlice(Position, false, []);

    public Task<PresenceSnapshot> GetPresenceAsync() => throw new NotSupportedException();

    public Task<PublishResult> PublishAsync(EventDraft draft) => throw new NotSupportedException();

    public Task DrainAsync() => throw new NotSupportedException();

    public Task SignalAsync(string fromHost, SignalItem[] signals)
    {
        Signals.AddRange(signals.Select(s => s.Name));
        return OnSignal?.Invoke() ?? Task.CompletedTask;
    }

    public Task HostLostAsync(string host, DateTimeOffset lastHeard) => throw new NotSupportedException();
}

/// <summary>Hands out the one topic.</summary>
public class OneTopicFactory : DispatchProxy
{
    internal ScriptedTopic Topic { get; set; } = null!;

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => Topic;
}
