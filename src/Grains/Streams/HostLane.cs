using System.Globalization;

namespace Clinic.Streams;

/// <summary>
/// What one silo owes one host: waiting items, and numbered batches that are sent but not confirmed. Pure bookkeeping, guarded by its owner's lock.
/// </summary>
/// <param name="silo">The silo's address.</param>
/// <param name="options">Its limits.</param>
/// <param name="life">Where the ids start: the clock's ticks, so that a lane that was forgotten and made again has later ones.</param>
internal sealed class HostLane(string silo, OutboxOptions options, long life)
{
    /// <summary>Data of a batch, and one item more: far below the largest message of Orleans, 100 MB.</summary>
    private const long MaxBatchBytes = 4 * 1024 * 1024;

    private readonly Queue<RelayItem> _waiting = new();
    private readonly Queue<HostBatch> _unconfirmed = new();
    private long _life = life;
    private long _confirmed;

    /// <summary>
    /// Changes whenever what was owed is given up, so that the host knows to recover from the logs. Of one silo's outboxes the later one is the greater in ordinal order.
    /// </summary>
    public string Id { get; private set; } = IdOf(life);

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

        var items = new List<RelayItem>(Math.Min(_waiting.Count, options.MaxBatchItems));
        var bytes = 0L;
        while (items.Count < options.MaxBatchItems && bytes < MaxBatchBytes && _waiting.TryDequeue(out var item))
        {
            items.Add(item);
            bytes += DataOf(item);
        }

        var batch = new HostBatch(Id, silo, ++LastSequence, [.. items]);
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
            _confirmed = _unconfirmed.Dequeue().Sequence;
            progress = true;
        }

        return progress;
    }

    /// <summary>What the host misses, to be sent again; starts anew when that is no longer held.</summary>
    public IReadOnlyList<HostBatch> Missing(string outbox, long afterSequence)
    {
        if (outbox != Id || afterSequence < _confirmed)
        {
            // It was asked before more was confirmed, and took long to get here.
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

    private static long DataOf(RelayItem item) => item switch
    {
        EventsItem events => events.Events.Sum(e => (long)e.Data.Length),
        SignalItem signal => signal.Data.Length,
        _ => 0,
    };

    private void StartAnew()
    {
        Id = IdOf(++_life);
        LastSequence = 0;
        _confirmed = 0;
        _waiting.Clear();
        _unconfirmed.Clear();
    }

    private static string IdOf(long life) => life.ToString("x16", CultureInfo.InvariantCulture);
}
