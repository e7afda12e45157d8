namespace Clinic.Hosts;

/// <summary>What this silo knows of the others: who is active, who leads the chores, whether one was lost a short while ago.</summary>
internal sealed class SiloDirectory : ISiloStatusListener
{
    private readonly ISiloStatusOracle _oracle;
    private readonly TimeProvider _time;
    private long _lossAt;

    public SiloDirectory(ISiloStatusOracle oracle, TimeProvider time)
    {
        _oracle = oracle;
        _time = time;
        _lossAt = time.GetUtcNow().UtcTicks;
        oracle.SubscribeToSiloStatusEvents(this);
    }

    /// <summary>
    /// When a silo was lost or stopped last; this silo's own start counts, because it can't know what was before. A topic that comes up soon after
    /// may have been somebody else's.
    /// </summary>
    public DateTimeOffset LastLoss => new(Interlocked.Read(ref _lossAt), TimeSpan.Zero);

    /// <summary>The keys of the other active silos' <see cref="ISiloGrain"/>s.</summary>
    public IEnumerable<string> Others() => Active().Where(s => !s.Equals(_oracle.SiloAddress)).Select(s => s.ToParsableString());

    /// <summary>Whether this silo is the one that does what only one should.</summary>
    public bool Leads => _oracle.SiloAddress.Equals(Active().Order().FirstOrDefault());

    public void SiloStatusChangeNotification(SiloAddress updatedSilo, SiloStatus status)
    {
        if (status is SiloStatus.Dead or SiloStatus.ShuttingDown or SiloStatus.Stopping)
        {
            Interlocked.Exchange(ref _lossAt, _time.GetUtcNow().UtcTicks);
        }
    }

    private List<SiloAddress> Active() => [.. _oracle.GetApproximateSiloStatuses(onlyActive: true).Keys];
}
