namespace Clinic.Topics;

/// <summary>
/// What a topic knows of its committed events without asking the database: the head, and the newest events. Pure.
/// </summary>
internal sealed class EventLog(EventLogOptions options)
{
    private readonly Queue<TopicEvent> _tail = new();
    private long _tailBytes;

    /// <summary>The last given position. Meaningless before <see cref="Restart"/>.</summary>
    public LogPosition Head { get; private set; }

    /// <summary>Starts from what the database says; the tail may be empty.</summary>
    public void Restart(LogPosition head)
    {
        Head = head;
        _tail.Clear();
        _tailBytes = 0;
    }

    /// <summary>Puts older events in front of an empty tail; they end at the head.</summary>
    public void Preload(IReadOnlyList<TopicEvent> newest)
    {
        if (_tail.Count > 0 || newest.Count == 0 || newest[^1].Offset != Head.Offset)
        {
            return;
        }

        foreach (var e in newest)
        {
            Keep(e);
        }
    }

    /// <summary>Takes events that were committed right after the head.</summary>
    /// <exception cref="InvalidOperationException">They don't follow the head without a hole: a bug that must not reach a subscriber.</exception>
    public void Append(IReadOnlyList<TopicEvent> events)
    {
        foreach (var e in events)
        {
            if (e.Offset != Head.Offset + 1)
            {
                throw new InvalidOperationException($"Offset {e.Offset} does not follow {Head.Offset}.");
            }

            Head = Head with { Offset = e.Offset };
            Keep(e);
        }
    }

    /// <summary>Everything after the position, if memory holds it: null says that the database has to be asked.</summary>
    public LogSlice? TryRecover(LogPosition since)
    {
        if (since.Epoch != Head.Epoch || since.Offset > Head.Offset || Head.Offset - since.Offset > options.MaxRecovery)
        {
            return new LogSlice(Head, false, []);
        }

        if (since.Offset == Head.Offset)
        {
            return new LogSlice(Head, true, []);
        }

        return _tail.TryPeek(out var oldest) && oldest.Offset <= since.Offset + 1
            ? new LogSlice(Head, true, [.. _tail.Where(e => e.Offset > since.Offset)])
            : null;
    }

    /// <summary>The answer from events that the database gave for a position, and from memory for what was committed since; all or nothing.</summary>
    public LogSlice Recover(LogPosition since, IReadOnlyList<TopicEvent> stored)
    {
        var last = stored.Count > 0 ? stored[^1].Offset : since.Offset;
        TopicEvent[] events = [.. stored.Where(e => e.Offset > since.Offset && e.Offset <= Head.Offset), .. _tail.Where(e => e.Offset > last)];
        var whole = since.Epoch == Head.Epoch
            && events.Length == Head.Offset - since.Offset
            && (events.Length == 0 || events[0].Offset == since.Offset + 1);
        return new LogSlice(Head, whole, whole ? events : []);
    }

    private void Keep(TopicEvent e)
    {
        _tail.Enqueue(e);
        _tailBytes += e.Data.Length;
        while (_tail.Count > options.TailEvents || _tailBytes > options.TailBytes)
        {
            _tailBytes -= _tail.Dequeue().Data.Length;
        }
    }
}
