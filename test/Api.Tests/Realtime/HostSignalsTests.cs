using System.Diagnostics.Metrics;
using System.Globalization;
using System.Reflection;
using Clinic.Hosts;
using Clinic.Streams;
using Clinic.Topics;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Clinic.Realtime;

public sealed class HostSignalsTests : IMeterFactory
{
    private readonly FakeTimeProvider _time = new();
    private readonly SignalledSilos _silos = new();
    private readonly MeterListener _listener = new();
    private readonly HostSignals _signals;
    private Meter? _meter;
    private long _dropped;

    public HostSignalsTests()
    {
        // The runner's own context would put what a silo answers onto another thread.
        SynchronizationContext.SetSynchronizationContext(null);
        var metrics = new RelayMetrics(this);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter == _meter && instrument.Name == "clinic.relay.dropped_signals")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, count, _, _) => _dropped += count);
        _listener.Start();
        _signals = new HostSignals("here", _silos.Factory, metrics, _time, NullLogger.Instance);
    }

    public void Dispose() => _listener.Dispose();

    [Fact]
    public void A_signal_goes_at_once_when_nothing_is_under_way()
    {
        Send("a", 1);
        Assert.Equal(["1"], _silos["a"].Calls.Single());
        Answer("a");
        Send("a", 2);
        Assert.Equal(["2"], _silos["a"].Calls[1]);
    }

    [Fact]
    public void Signals_of_many_topics_of_a_silo_go_in_one_call()
    {
        Send("a", 0);
        for (var i = 1; i <= 100; i++)
        {
            _signals.Send("a", Signal(i, TopicId.ForThread("north", $"t{i}")));
        }

        Answer("a");
        Assert.Equal(2, _silos["a"].Calls.Count);
        Assert.Equal(Numbers(1, 100), _silos["a"].Calls[1]);
    }

    [Fact]
    public void While_a_call_is_under_way_the_next_are_gathered()
    {
        Send("a", 1);
        Send("a", 2);
        _time.Advance(TimeSpan.FromSeconds(1));
        Send("a", 3);
        Assert.Single(_silos["a"].Calls);
        _silos["a"].Answer();
        Assert.Equal(["2", "3"], _silos["a"].Calls[1]);
    }

    [Fact]
    public void A_call_that_ends_at_once_is_not_followed_at_once()
    {
        Send("a", 1);
        _silos["a"].Answer();
        Send("a", 2);
        Send("a", 3);
        Assert.Single(_silos["a"].Calls);
        _time.Advance(HostSignals.Pause);
        Assert.Equal(["2", "3"], _silos["a"].Calls[1]);
    }

    [Fact]
    public void The_order_of_a_senders_signals_on_a_topic_is_kept()
    {
        for (var i = 1; i <= (3 * HostSignals.MaxBatch) + 1; i++)
        {
            Send("a", i);
        }

        for (var i = 0; i < 4; i++)
        {
            Answer("a");
        }

        Assert.Equal([1, HostSignals.MaxBatch, HostSignals.MaxBatch, HostSignals.MaxBatch], _silos["a"].Calls.Select(c => c.Length));
        Assert.Equal(Numbers(1, (3 * HostSignals.MaxBatch) + 1), _silos["a"].Calls.SelectMany(c => c));
    }

    [Fact]
    public void A_silo_that_does_not_answer_keeps_nobody_elses_waiting()
    {
        Send("a", 1);
        Send("b", 2);
        Send("b", 3);
        Answer("b");
        Assert.Single(_silos["a"].Calls);
        Assert.Equal(["3"], _silos["b"].Calls[1]);
    }

    [Fact]
    public void A_full_queue_drops_the_newest_and_counts()
    {
        for (var i = 0; i <= HostSignals.MaxWaiting + 3; i++)
        {
            Send("a", i);
        }

        Assert.Equal(3, _dropped);
        for (var i = 0; i <= HostSignals.MaxWaiting / HostSignals.MaxBatch; i++)
        {
            Answer("a");
        }

        Assert.Equal(Numbers(0, HostSignals.MaxWaiting), _silos["a"].Calls.SelectMany(c => c));
    }

    [Fact]
    public void A_call_that_fails_or_takes_too_long_loses_its_signals_and_no_others()
    {
        Send("a", 1);
        Send("a", 2);
        _silos["a"].Answer(new SiloUnavailableException());
        _time.Advance(HostSignals.Pause);
        Assert.Equal(["2"], _silos["a"].Calls[1]);
        Assert.Equal(1, _dropped);
        Send("a", 3);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(["3"], _silos["a"].Calls[2]);
        Assert.Equal(2, _dropped);
    }

    Meter IMeterFactory.Create(MeterOptions options) => _meter = new Meter(options);

    private static SignalItem Signal(int number, TopicId topic) => new(topic, number.ToString(CultureInfo.InvariantCulture), [], "u");

    private static IEnumerable<string> Numbers(int from, int to) =>
        Enumerable.Range(from, to - from + 1).Select(i => i.ToString(CultureInfo.InvariantCulture));

    private void Send(string silo, int number) => _signals.Send(silo, Signal(number, TopicId.ForThread("north", "t")));

    /// <summary>The call under way ends, and the pause after its beginning.</summary>
    private void Answer(string silo)
    {
        _silos[silo].Answer();
        _time.Advance(HostSignals.Pause);
    }
}

/// <summary>Silos that note the signals they are brought, and answer when the test says so.</summary>
internal sealed class SignalledSilos
{
    private readonly Dictionary<string, SignalledSilo> _silos = [];

    public SignalledSilos()
    {
        Factory = DispatchProxy.Create<IGrainFactory, SignalledSiloFactory>();
        ((SignalledSiloFactory)(object)Factory).Silos = this;
    }

    public IGrainFactory Factory { get; }

    public SignalledSilo this[string key] => _silos.TryGetValue(key, out var silo) ? silo : _silos[key] = new SignalledSilo();
}

/// <summary>Hands out the silos.</summary>
public class SignalledSiloFactory : DispatchProxy
{
    internal SignalledSilos Silos { get; set; } = null!;

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => Silos[(string)args![0]!];
}

/// <summary>One silo as a host calls it.</summary>
internal sealed class SignalledSilo : ISiloGrain
{
    private TaskCompletionSource _answer = new();

    /// <summary>The names of the signals that each call brought.</summary>
    public List<string[]> Calls { get; } = [];

    /// <summary>Ends the call under way.</summary>
    public void Answer(Exception? failure = null)
    {
        if (failure is null)
        {
            _answer.SetResult();
        }
        else
        {
            _answer.SetException(failure);
        }
    }

    public Task SignalAsync(string fromHost, SignalItem[] signals)
    {
        Assert.Equal("here", fromHost);
        Calls.Add([.. signals.Select(s => s.Name)]);
        _answer = new TaskCompletionSource();
        return _answer.Task;
    }

    public Task<bool> BeatAsync(string host) => throw new NotSupportedException();

    public Task<DateTimeOffset?> LastHeardAsync(string host) => throw new NotSupportedException();

    public Task LeaveAsync(string host) => throw new NotSupportedException();

    public Task ConfirmAsync(string host, string outboxId, long sequence) => throw new NotSupportedException();

    public Task ResendAsync(string host, string outboxId, long afterSequence) => throw new NotSupportedException();
}
