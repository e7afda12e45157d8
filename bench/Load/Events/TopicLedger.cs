namespace Clinic.Load.Events;

/// <summary>What was acknowledged for one topic, and which event clients saw at which offset.</summary>
internal sealed class TopicLedger(string tenant, string topic)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<long, long> _acknowledged = [];
    private long[] _seen = new long[1024];
    private long _base = -1;
    private long _highest;
    private long _differing;

    public string Tenant { get; } = tenant;

    public string Topic { get; } = topic;

    /// <summary>The highest offset that a publish was acknowledged with.</summary>
    public long Highest => Volatile.Read(ref _highest);

    public void Acknowledge(long offset, long sequence)
    {
        lock (_lock)
        {
            // Two events with one offset would be a hole at one of their readers.
            if (!_acknowledged.TryAdd(offset, sequence) && _acknowledged[offset] != sequence)
            {
                _differing++;
            }

            _highest = Math.Max(_highest, offset);
        }
    }

    /// <summary>Notes which event a client got at an offset; all clients must have got the same.</summary>
    public void Seen(long offset, long sequence)
    {
        lock (_lock)
        {
            if (_base < 0)
            {
                // Room below the first sight: another client may still be on its way there.
                _base = Math.Max(0, offset - 256);
            }

            var index = offset - _base;
            if (index < 0)
            {
                return;
            }

            if (index >= _seen.Length)
            {
                Array.Resize(ref _seen, (int)Math.Max(index + 1, _seen.Length * 2L));
            }

            if (_seen[index] == 0)
            {
                _seen[index] = sequence + 1;
            }
            else if (_seen[index] != sequence + 1)
            {
                _differing++;
            }
        }
    }

    public IReadOnlyCollection<long> AcknowledgedAfter(long offset)
    {
        lock (_lock)
        {
            return [.. _acknowledged.Keys.Where(acknowledged => acknowledged > offset)];
        }
    }

    public bool IsAcknowledged(long offset)
    {
        lock (_lock)
        {
            return _acknowledged.ContainsKey(offset);
        }
    }

    /// <summary>How often two clients, or a client and the publisher, had different events at one offset.</summary>
    public long Differing()
    {
        lock (_lock)
        {
            var differing = _differing;
            foreach (var (offset, sequence) in _acknowledged)
            {
                var index = offset - _base;
                if (_base >= 0 && index >= 0 && index < _seen.Length && _seen[index] != 0 && _seen[index] != sequence + 1)
                {
                    differing++;
                }
            }

            return differing;
        }
    }
}
