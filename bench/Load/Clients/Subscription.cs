using System.Text;
using Clinic.Load.Events;

namespace Clinic.Load.Clients;

/// <summary>
/// One client's reading of one topic as the contract has it: what comes before the answer of Subscribe is kept, what the
/// answer covers is dropped, and from there offsets rise by one. Whatever breaks that is counted.
/// </summary>
internal sealed class Subscription(string topic, TopicLedger ledger, DeliveryLog log)
{
    private readonly Lock _lock = new();
    private readonly List<(byte[] Epoch, Arrival Arrival)> _kept = [];
    private readonly HashSet<long> _missing = [];
    private byte[] _epochUtf8 = [];
    private string? _epoch;
    private bool _pending = true;
    private long _last;

    public string Topic { get; } = topic;

    /// <summary>Takes notes, where somebody wants them.</summary>
    public IReadingNotes? Notes { get; init; }

    public byte[] TopicUtf8 { get; } = Encoding.UTF8.GetBytes(topic);

    public TopicLedger Ledger { get; } = ledger;

    public long Delivered { get; private set; }

    public long Recovered { get; private set; }

    public long Repeated { get; private set; }

    public long Swapped { get; private set; }

    public long Early { get; private set; }

    /// <summary>Times the server said that it can't close a gap: what was missed then is not lost silently.</summary>
    public long ToldToReload { get; private set; }

    /// <summary>Answers of Subscribe or events that contradict the contract, such as an answer behind what was delivered.</summary>
    public long Contradictions { get; private set; }

    public long Last
    {
        get
        {
            lock (_lock)
            {
                return _last;
            }
        }
    }

    /// <summary>Where to go on from after a reconnect, or null before the first answer.</summary>
    public Position? Position
    {
        get
        {
            lock (_lock)
            {
                return _epoch is null ? null : new Position(_epoch, _last);
            }
        }
    }

    /// <summary>A Subscribe call is on its way: what arrives from now on waits for its answer.</summary>
    public void Begin()
    {
        lock (_lock)
        {
            Notes?.Asked();
            _pending = true;
        }
    }

    /// <summary>The connection ended: what was kept for an answer went with it.</summary>
    public void Disconnected()
    {
        lock (_lock)
        {
            Notes?.Broken();
            _pending = true;
            _kept.Clear();
        }
    }

    /// <summary>The server said that there is a gap that it can't close.</summary>
    public void ToldToReloadNow()
    {
        lock (_lock)
        {
            Notes?.ToldToReload();
        }
    }

    public void Answer(SubscribeAnswer answer, Position? since)
    {
        var now = MonotonicClock.Now;
        lock (_lock)
        {
            Notes?.Answered(answer, since);
            if (since is not null && answer.Recovered)
            {
                if (answer.Epoch != since.Epoch || answer.Offset < since.Offset || answer.Events.Count != answer.Offset - since.Offset)
                {
                    Contradictions++;
                }

                foreach (var arrival in answer.Events)
                {
                    // An event that was already delivered before this call was made is not a repeat: the client asked for it.
                    if (arrival.Offset > _last)
                    {
                        Recovered++;
                        Take(arrival, now);
                    }
                }
            }
            else
            {
                if (since is not null)
                {
                    ToldToReload++;
                }

                _missing.Clear();
                _last = answer.Offset;
            }

            _epoch = answer.Epoch;
            _epochUtf8 = Encoding.UTF8.GetBytes(answer.Epoch);
            _pending = false;
            foreach (var (epoch, arrival) in _kept)
            {
                if (arrival.Offset <= answer.Offset && epoch.AsSpan().SequenceEqual(_epochUtf8))
                {
                    Early++;
                }
                else
                {
                    AcceptLive(epoch, arrival, now);
                }
            }

            _kept.Clear();
        }
    }

    public void Accept(ReadOnlySpan<byte> epoch, in Arrival arrival, long now)
    {
        lock (_lock)
        {
            Notes?.Got(epoch, arrival);
            if (_pending)
            {
                _kept.Add((epoch.ToArray(), arrival));
                return;
            }

            AcceptLive(epoch, arrival, now);
        }
    }

    /// <summary>Offsets below the last that never came: lost, whoever has left since.</summary>
    public long Holes
    {
        get
        {
            lock (_lock)
            {
                return _missing.Count;
            }
        }
    }

    /// <summary>Acknowledged events that this client never got and was not told to reload for.</summary>
    public long Lost()
    {
        lock (_lock)
        {
            return _epoch is null ? 0 : _missing.Count + Ledger.AcknowledgedAfter(_last).Count;
        }
    }

    public bool IsComplete
    {
        get
        {
            lock (_lock)
            {
                return _last >= Ledger.Highest;
            }
        }
    }

    private void AcceptLive(ReadOnlySpan<byte> epoch, in Arrival arrival, long now)
    {
        if (!epoch.SequenceEqual(_epochUtf8))
        {
            Contradictions++;
        }
        else if (arrival.Offset > _last)
        {
            Take(arrival, now);
        }
        else if (_missing.Remove(arrival.Offset))
        {
            Swapped++;
            Delivered++;
        }
        else
        {
            Repeated++;
        }
    }

    private void Take(in Arrival arrival, long now)
    {
        for (var hole = _last + 1; hole < arrival.Offset; hole++)
        {
            _missing.Add(hole);
        }

        _last = arrival.Offset;
        Delivered++;
        if (arrival.Run == log.Run)
        {
            Ledger.Seen(arrival.Offset, arrival.Sequence);
        }

        log.Delivered(arrival, now);
    }
}
