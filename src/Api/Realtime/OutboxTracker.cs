using Clinic.Streams;

namespace Clinic.Realtime;

/// <summary>Follows one silo's numbered batches: each is taken once, in order; a hole is asked for. Pure.</summary>
internal sealed class OutboxTracker
{
    /// <summary>The outbox that is followed; null before the first batch.</summary>
    public string? Outbox { get; private set; }

    /// <summary>Everything up to here arrived.</summary>
    public long Sequence { get; private set; }

    /// <summary>Says what to do with a batch.</summary>
    /// <param name="batch">The batch or beat.</param>
    /// <param name="isNew">True when the silo's former outbox gave up what it owed: topics attached through it have to be attached again.</param>
    public OutboxVerdict Judge(HostBatch batch, out bool isNew)
    {
        isNew = false;
        var order = string.CompareOrdinal(batch.Outbox, Outbox);
        if (order < 0)
        {
            return OutboxVerdict.Drop;
        }

        if (order > 0)
        {
            isNew = true;
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
