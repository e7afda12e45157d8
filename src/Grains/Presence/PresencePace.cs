namespace Clinic.Presence;

/// <summary>Decides when a topic may tell of presence changes again: at once after quiet, else at the end of a period that grows with the receivers.</summary>
internal sealed class PresencePace(PresenceOptions options)
{
    private DateTimeOffset _lastDiff = DateTimeOffset.MinValue;

    /// <summary>The gathering period: <c>min(MaxPeriod, receivers x PeriodPerReceiver)</c>.</summary>
    public TimeSpan PeriodFor(int receivers)
    {
        var period = options.PeriodPerReceiver * receivers;
        return period < options.MaxPeriod ? period : options.MaxPeriod;
    }

    /// <summary>From when on the next diff may go out.</summary>
    public DateTimeOffset DueAt(int receivers) =>
        _lastDiff == DateTimeOffset.MinValue ? DateTimeOffset.MinValue : _lastDiff + PeriodFor(receivers);

    public void DiffTold(DateTimeOffset now) => _lastDiff = now;
}
