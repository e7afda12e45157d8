using Microsoft.Extensions.Logging;

namespace Clinic.Publisher;

/// <summary>Says in the log what the publishing code is not told: ids and reasons, never data and never the key.</summary>
internal sealed partial class PublisherReport(TimeProvider time, ILogger<PublisherReport> logger)
{
    private readonly LogPace<DropReason> _drops = new(time, TimeSpan.FromSeconds(1));
    private readonly LogPace<Verdict> _troubles = new(time, TimeSpan.FromSeconds(10));

    /// <summary>An event is lost.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="event">Its id, or nothing when it had none yet.</param>
    /// <param name="topic">Its topic.</param>
    /// <param name="detail">The field, the status or the limit.</param>
    public void Dropped(DropReason reason, string? @event, string? topic, string detail)
    {
        if (_drops.TryPass(reason, out var held))
        {
            Dropped(logger, @event, topic, reason, detail, held);
        }
    }

    /// <summary>An event is lost by a bug.</summary>
    public void Failed(OutgoingEvent lost, Exception exception)
    {
        if (_drops.TryPass(DropReason.Failed, out var held))
        {
            Failed(logger, lost.Id, lost.Topic, held, exception);
        }
    }

    /// <summary>An event will be tried again.</summary>
    public void Retries(OutgoingEvent tried, Attempt failed)
    {
        Retries(logger, tried.Id, tried.Topic, failed.Reason);
        if (!_troubles.TryPass(failed.Verdict, out var held))
        {
            return;
        }

        if (failed.Verdict == Verdict.KeyRefused)
        {
            KeyRefused(logger, failed.Reason, held);
        }
        else
        {
            Trouble(logger, failed.Reason, held);
        }
    }

    /// <summary>The process stops with events in the queue.</summary>
    public void Left(int count) => Left(logger, count);

    [LoggerMessage(1, LogLevel.Warning, "Event {Event} for topic {Topic} was dropped: {Reason} ({Detail}). So were {Held} for that reason before.")]
    private static partial void Dropped(ILogger logger, string? @event, string? topic, DropReason reason, string detail, int held);

    [LoggerMessage(2, LogLevel.Error, "Event {Event} for topic {Topic} was dropped by a fault of the publisher. So were {Held} before.")]
    private static partial void Failed(ILogger logger, string @event, string topic, int held, Exception exception);

    [LoggerMessage(3, LogLevel.Debug, "Event {Event} for topic {Topic} is tried again: {Reason}.")]
    private static partial void Retries(ILogger logger, string @event, string topic, string reason);

    [LoggerMessage(4, LogLevel.Warning, "Events could not be delivered and are tried again: {Reason}. {Held} tries failed unreported before.")]
    private static partial void Trouble(ILogger logger, string reason, int held);

    [LoggerMessage(5, LogLevel.Error, "The Clinic refuses the service key ({Reason}). Events are kept and tried again slowly. {Held} tries failed unreported before.")]
    private static partial void KeyRefused(ILogger logger, string reason, int held);

    [LoggerMessage(6, LogLevel.Warning, "The process stops with {Count} events not known to be delivered.")]
    private static partial void Left(ILogger logger, int count);
}
