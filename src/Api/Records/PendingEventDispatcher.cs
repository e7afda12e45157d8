using Clinic.Topics;
using Microsoft.Extensions.Options;

namespace Clinic.Records;

/// <summary>Has a topic take its pending events into its log.</summary>
internal delegate Task DrainTopic(TopicId topic);

/// <summary>
/// Gets the events of committed record writes on their way at once. It is a shortcut only: what it drops or fails to do, and what a crash
/// left behind, the silos' sweep finds by the age of the rows. So it never makes a writer wait and never throws at one.
/// </summary>
internal sealed partial class PendingEventDispatcher(
    DrainTopic drain,
    PendingTopics topics,
    RecordMetrics metrics,
    IOptions<RecordOptions> options,
    TimeProvider time,
    ILogger<PendingEventDispatcher> logger) : BackgroundService
{
    private static readonly TimeSpan LogEvery = TimeSpan.FromSeconds(10);
    private readonly Lock _lock = new();
    private long? _lastLog;
    private int _unlogged;

    /// <summary>Tells that the topics have pending events.</summary>
    public void Notify(IEnumerable<TopicId> written)
    {
        foreach (var topic in written)
        {
            if (!topics.TryAdd(topic))
            {
                metrics.DrainDropped();
            }
        }
    }

    /// <inheritdoc />
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Enumerable.Range(0, options.Value.ConcurrentDrains).Select(_ => DrainAsync(stoppingToken)));

    private async Task DrainAsync(CancellationToken stopping)
    {
        // The start of the host does not wait for the first topic.
        await Task.Yield();
        while (!stopping.IsCancellationRequested)
        {
            TopicId topic;
            try
            {
                topic = await topics.TakeAsync(stopping);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            try
            {
                await drain(topic).WaitAsync(stopping);
                metrics.Drained();
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // Top of a loop: whatever went wrong, the event is safe in its row.
                metrics.DrainFailed();
                Warn(topic, e);
            }
            finally
            {
                topics.Done(topic);
            }
        }
    }

    /// <summary>An outage fails every topic; one line in a while says so.</summary>
    private void Warn(TopicId topic, Exception error)
    {
        int failures;
        lock (_lock)
        {
            _unlogged++;
            if (_lastLog is { } last && time.GetElapsedTime(last) < LogEvery)
            {
                return;
            }

            _lastLog = time.GetTimestamp();
            failures = _unlogged;
            _unlogged = 0;
        }

        DrainFailed(topic.Key, failures, error);
    }

    [LoggerMessage(1, LogLevel.Warning, "{Topic} did not take its pending events; they stay stored and the sweep sees to them. Failures since the last such line: {Failures}.")]
    private partial void DrainFailed(string topic, int failures, Exception error);
}
