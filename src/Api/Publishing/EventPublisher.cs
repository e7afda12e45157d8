using Clinic.Errors;
using Clinic.Topics;

namespace Clinic.Publishing;

/// <summary>Hands a draft to its topic's grain.</summary>
internal delegate Task<PublishResult> PublishToTopic(TopicId topic, EventDraft draft);

/// <summary>
/// Publishes, and bridges the seconds in which a silo's death makes grain calls fail. It may, because every draft has an id here: one that
/// was committed before its answer got lost is found again, not written twice.
/// </summary>
internal sealed partial class EventPublisher(PublishToTopic publish, PublishMetrics metrics, TimeProvider time, ILogger<EventPublisher> logger)
{
    /// <summary>Longer would tie up the publisher, who has to be able to retry by himself anyway.</summary>
    private static readonly TimeSpan RetryFor = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(400);
    private readonly LogThrottle _throttle = new(time);

    /// <summary>Publishes. Whatever goes wrong is <see cref="PublishOutcome.Unavailable"/>; only the caller's own cancellation is thrown.</summary>
    public async Task<PublishResult> PublishAsync(TopicId topic, EventDraft draft, CancellationToken cancellation)
    {
        var result = await TryAsync(topic, draft, cancellation);
        metrics.Ended(result.Outcome);
        return result;
    }

    private async Task<PublishResult> TryAsync(TopicId topic, EventDraft draft, CancellationToken cancellation)
    {
        draft = draft with { Id = draft.Id ?? Guid.CreateVersion7(time.GetUtcNow()).ToString("N") };
        var started = time.GetTimestamp();
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                return await publish(topic, draft);
            }
            catch (Exception e) when (time.GetElapsedTime(started) + pause < RetryFor)
            {
                metrics.Retried();
                Retries(logger, topic.Key, draft.Id!, e.GetType().Name);
            }
            catch (Exception e) when (Outage.Is(e))
            {
                if (_throttle.TryPass(out var held))
                {
                    GaveUp(logger, topic.Key, draft.Id!, e.GetType().Name, held);
                }

                return new PublishResult(PublishOutcome.Unavailable, "", 0);
            }
            catch (Exception e)
            {
                Failed(logger, topic.Key, draft.Id!, e);
                return new PublishResult(PublishOutcome.Unavailable, "", 0);
            }

            await Task.Delay(pause, time, cancellation);
        }
    }

    [LoggerMessage(1, LogLevel.Debug, "Event {Event} for topic {Topic} is tried again: {Reason}.")]
    private static partial void Retries(ILogger logger, string topic, string @event, string reason);

    [LoggerMessage(2, LogLevel.Warning, "Event {Event} for topic {Topic} could not be published: {Reason}. The publisher was told to try again, and so were {Held} before.")]
    private static partial void GaveUp(ILogger logger, string topic, string @event, string reason, int held);

    [LoggerMessage(3, LogLevel.Error, "Event {Event} for topic {Topic} could not be published. The publisher was told to try again.")]
    private static partial void Failed(ILogger logger, string topic, string @event, Exception exception);
}
