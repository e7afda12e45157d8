namespace Clinic.Publisher;

/// <summary>Lets one entry of a kind into the log per period and counts the others: an outage is one fact, however many events meet it.</summary>
internal sealed class LogPace<TKind>(TimeProvider time, TimeSpan period)
    where TKind : notnull
{
    private readonly Lock _lock = new();
    private readonly Dictionary<TKind, (long Last, int Held)> _kinds = [];

    /// <summary>Whether to write now.</summary>
    /// <param name="kind">One of few.</param>
    /// <param name="held">How many of the kind were not written since the last one that was.</param>
    public bool TryPass(TKind kind, out int held)
    {
        lock (_lock)
        {
            var known = _kinds.TryGetValue(kind, out var seen);
            held = seen.Held;
            var pass = !known || time.GetElapsedTime(seen.Last) >= period;
            _kinds[kind] = pass ? (time.GetTimestamp(), 0) : (seen.Last, held + 1);
            return pass;
        }
    }
}
