using Clinic.Streams;

namespace Clinic.Realtime;

/// <summary>Follows one silo's numbered batches: each is taken once, in order; a hole is asked for. Pure.</summary>
internal sealed class OutboxTracker
{
    private readonly HashSet<string> _retired = [];

    /// <summary>The outbox that is followed; null before the first batch.</summary>
    public string? Outbox { get; private set; }

    /// <summary>Everything up to here arrived.</summary>
    public long Sequence { get; private set; }

    /// <summary>Says what to do with a batch.</summary>
    /// <param name="batch">The batch or beat.</param>
    /// <param name="lost">The outbox that gave up what it owed, when this batch shows it: its topics have to be attached again.</param>
    public OutboxVerdict Judge(HostBatch batch, out string? lost)
    {
        lost = null;
        if (_retired.Contains(batch.Outbox))
        {
            return OutboxVerdict.Drop;
        }

        if (batch.Outbox != Outbox)
        {
            if (Outbox is not null)
            {
                _retired.Add(Outbox);
                lost = Outbox;
            }

            Outbox = batch.Outbox;
            Sequence = 0;
        }

        if (batch.Items.Length == 0)
        {
            return batch.Sequence > Sequence ? OutboxVerdict.AskAgain : OutboxVerdict.Drop;
        }

        if (batch.Sequence <= Sequence)
        {
            return OutboxVerdict.Drop;
        }

        if (batch.Sequence > Sequence + 1)
        {
            return OutboxVerdict.AskAgain;
        }

        Sequence = batch.Sequence;
        return OutboxVerdict.Take;
    }
}

/// <summary>What becomes of a batch.</summary>
internal enum OutboxVerdict
{
    /// <summary>It is the next one.</summary>
    Take,

    /// <summary>It was taken before, or is a beat with nothing new.</summary>
    Drop,

    /// <summary>Something before it is missing.</summary>
    AskAgain,
}
