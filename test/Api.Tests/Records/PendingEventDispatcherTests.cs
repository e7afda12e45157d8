using System.Diagnostics.Metrics;
using Clinic.Topics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Clinic.Records;

public sealed class PendingEventDispatcherTests : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly FakeTimeProvider _time = new();
    private readonly Lines _lines = new();
    private PendingEventDispatcher? _dispatcher;

    [Fact]
    public async Task Topics_are_drained_side_by_side_up_to_the_limit()
    {
        var started = new SemaphoreSlim(0);
        var gate = new TaskCompletionSource();
        var running = 0;
        var most = 0;
        await StartAsync(concurrent: 3, async _ =>
        {
            most = Math.Max(most, Interlocked.Increment(ref running));
            started.Release();
            await gate.Task;
            Interlocked.Decrement(ref running);
        });

        _dispatcher!.Notify(Enumerable.Range(0, 10).Select(i => TopicId.ForTenant($"c{i}")));
        await WaitAsync(started, 3, "the first three drains");
        gate.SetResult();
        await WaitAsync(started, 7, "the other drains");

        Assert.Equal(3, most);
    }

    [Fact]
    public async Task A_topic_that_fails_is_logged_now_and_then_and_stops_nothing()
    {
        var drained = new SemaphoreSlim(0);
        await StartAsync(concurrent: 1, topic =>
        {
            if (topic.Tenant == "good")
            {
                drained.Release();
                return Task.CompletedTask;
            }

            throw new TimeoutException();
        });

        _dispatcher!.Notify(Enumerable.Range(0, 50).Select(i => TopicId.ForTenant($"bad{i}")).Append(TopicId.ForTenant("good")));
        await WaitAsync(drained, 1, "the drain after the failures");
        Assert.Single(_lines.Texts);

        _time.Advance(TimeSpan.FromSeconds(10));
        _dispatcher.Notify([TopicId.ForTenant("bad"), TopicId.ForTenant("good")]);
        await WaitAsync(drained, 1, "the drain after the second failures");
        Assert.Equal(2, _lines.Texts.Count);
        Assert.EndsWith("Failures since the last such line: 50.", _lines.Texts[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_writer_is_never_held_up_and_what_has_no_room_is_counted()
    {
        var dropped = 0L;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Name == "clinic.records.drains_dropped")
            {
                l.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref dropped, value));
        listener.Start();
        await StartAsync(concurrent: 1, _ => new TaskCompletionSource().Task, capacity: 4);

        _dispatcher!.Notify(Enumerable.Range(0, 10).Select(i => TopicId.ForTenant($"c{i}")));

        Assert.Equal(6, dropped);
    }

    [Fact]
    public async Task It_stops_in_the_middle_of_a_drain()
    {
        var started = new SemaphoreSlim(0);
        await StartAsync(concurrent: 1, _ =>
        {
            started.Release();
            return new TaskCompletionSource().Task;
        });
        _dispatcher!.Notify([TopicId.ForTenant("c")]);
        await WaitAsync(started, 1, "the drain");

        await _dispatcher.StopAsync(CancellationToken.None).WaitAsync(Patience);
        Assert.Empty(_lines.Texts);
    }

    public async ValueTask DisposeAsync()
    {
        if (_dispatcher is not null)
        {
            await _dispatcher.StopAsync(CancellationToken.None);
            _dispatcher.Dispose();
        }

        await _services.DisposeAsync();
    }

    private Task StartAsync(int concurrent, Func<TopicId, Task> drain, int capacity = 100)
    {
        var topics = new PendingTopics(capacity);
        var options = Options.Create(new RecordOptions { ConcurrentDrains = concurrent, MaxWaitingTopics = capacity });
        var metrics = new RecordMetrics(_services.GetRequiredService<IMeterFactory>(), topics);
        _dispatcher = new PendingEventDispatcher(topic => drain(topic), topics, metrics, options, _time, _lines);
        return _dispatcher.StartAsync(CancellationToken.None);
    }

    private static async Task WaitAsync(SemaphoreSlim signal, int count, string what)
    {
        for (var i = 0; i < count; i++)
        {
            Assert.True(await signal.WaitAsync(Patience), $"Never came: {what}.");
        }
    }

    private sealed class Lines : ILogger<PendingEventDispatcher>
    {
        public List<string> Texts { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Texts.Add(formatter(state, exception));
    }
}
