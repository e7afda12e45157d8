namespace Clinic.Streams;

/// <summary>
/// What one silo owes one host: waiting items, and numbered batches that are sent but not confirmed. Pure bookkeeping, guarded by its owner's lock.
/// </summary>
internal sealed class HostLane(string silo, OutboxOptions options)
{
    private readonly Queue<RelayItem> _waiting = new();
    private readonly Queue<HostBatch> _unconfirmed = new();

    /// <summary>Changes whenever what was owed is given up, so that the host knows to recover from the logs.</summary>
    public string Id { get; private set; } = NewId();

    public long LastSequence { get; private set; }

    public int Waiting => _waiting.Count;

    public int Unconfirmed => _unconfirmed.Count;

    /// <summary>When the oldest unconfirmed batch was sent last, or something was confirmed; the clock of <see cref="OutboxOptions.ResendAfter"/>.</summary>
    public long ProgressAt { get; set; }

    /// <summary>Adds an item.</summary>
    /// <returns>False when the lane was full and started anew, without this item.</returns>
    public bool Add(RelayItem item)
    {
        if (_waiting.Count >= options.MaxWaitingItems)
        {
            StartAnew();
            return false;
        }

        _waiting.Enqueue(item);
        return true;
    }

    /// <summary>The next batch to send; null while nothing waits or the window is full.</summary>
    public HostBatch? TakeBatch()
    {
        if (_waiting.Count == 0 || _unconfirmed.Count >= options.Window)
        {
            return null;
        }

        var items = new RelayItem[Math.Min(_waiting.Count, options.MaxBatchItems)];
        for (var i = 0; i < items.Length; i++)
        {
            items[i] = _waiting.Dequeue();
        }

        var batch = new HostBatch(Id, silo, ++LastSequence, items);
        _unconfirmed.Enqueue(batch);
        return batch;
    }

    public HostBatch Beat() => new(Id, silo, LastSequence, []);

    /// <summary>The host has everything up to the sequence.</summary>
    public bool Confirm(string outbox, long sequence)
    {
        var progress = false;
        while (outbox == Id && _unconfirmed.TryPeek(out var oldest) && oldest.Sequence <= sequence)
        {
            _unconfirmed.Dequeue();
            progress = true;
        }

        return progress;
    }

    /// <summary>What the host misses, to be sent again; starts anew when that is no longer held.</summary>
    public IReadOnlyList<HostBatch> Missing(string outbox, long afterSequence)
    {
        if (outbox != Id)
        {
            return [];
        }

        Confirm(outbox, afterSequence);
        if (LastSequence > afterSequence && (!_unconfirmed.TryPeek(out var oldest) || oldest.Sequence != afterSequence + 1))
        {
            StartAnew();
            return [];
        }

        return [.. _unconfirmed];
    }

    /// <summary>Everything sent and not confirmed.</summary>
    public IReadOnlyList<HostBatch> Unanswered() => [.. _unconfirmed];

    private void StartAnew()
    {
        Id = NewId();
        LastSequence = 0;
        _waiting.Clear();
        _unconfirmed.Clear();
    }

    private static string NewId() => Guid.NewGuid().ToString("N");
}
