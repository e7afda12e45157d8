using System.Runtime.InteropServices;

namespace Clinic.Publisher;

/// <summary>
/// Who waits, and in which order: one lane per topic of a clinic, of which one event is in somebody's hands and the others queue behind it. Bounded over all
/// lanes together.
/// </summary>
internal sealed class EventQueue(int capacity, long maxBytes)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Tenant, string Topic), Queue<OutgoingEvent>> _lanes = [];
    private TaskCompletionSource? _emptied;
    private int _count;
    private long _bytes;

    /// <summary>Events that wait or are in somebody's hands.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Takes an event in. When it <see cref="Admission.Starts"/>, the caller has it in hand and goes on with <see cref="Next"/>.</summary>
    public Admission Add(OutgoingEvent added)
    {
        lock (_lock)
        {
            if (_emptied is not null)
            {
                return Admission.Closed;
            }

            if (_count >= capacity || _bytes + added.Data.Length > maxBytes)
            {
                return Admission.Full;
            }

            _count++;
            _bytes += added.Data.Length;
            ref var lane = ref CollectionsMarshal.GetValueRefOrAddDefault(_lanes, added.Lane, out var exists);
            if (!exists)
            {
                lane = new Queue<OutgoingEvent>();
                return Admission.Starts;
            }

            lane!.Enqueue(added);
            return Admission.Waits;
        }
    }

    /// <summary>Puts away the event in hand, and gives the one behind it; null ends the lane.</summary>
    public OutgoingEvent? Next(OutgoingEvent done)
    {
        lock (_lock)
        {
            _count--;
            _bytes -= done.Data.Length;
            if (_lanes[done.Lane].TryDequeue(out var next))
            {
                return next;
            }

            _lanes.Remove(done.Lane);
            if (_count == 0)
            {
                _emptied?.TrySetResult();
            }

            return null;
        }
    }

    /// <summary>Takes in nothing more; the task ends when nothing is left.</summary>
    public Task CloseAsync()
    {
        lock (_lock)
        {
            _emptied ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_count == 0)
            {
                _emptied.TrySetResult();
            }

            return _emptied.Task;
        }
    }
}

/// <summary>What became of an event at the queue's door.</summary>
internal enum Admission
{
    /// <summary>Its lane was empty: it is in the caller's hands.</summary>
    Starts,

    /// <summary>It waits behind others of its topic.</summary>
    Waits,

    /// <summary>There is no room.</summary>
    Full,

    /// <summary>The process is stopping.</summary>
    Closed,
}
