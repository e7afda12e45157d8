namespace Clinic.Errors;

/// <summary>Lets one entry of a kind into the log each second and counts the others: an outage is one fact, however many requests meet it.</summary>
internal sealed class LogThrottle(TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private readonly Lock _lock = new();
    private long? _last;
    private int _held;

    /// <summary>Whether to write now.</summary>
    /// <param name="held">How many were not written since the last one that was.</param>
    public bool TryPass(out int held)
    {
        lock (_lock)
        {
            held = _held;
            if (_last is { } last && time.GetElapsedTime(last) < Pause)
            {
                _held++;
                return false;
            }

            _last = time.GetTimestamp();
            _held = 0;
            return true;
        }
    }
}
