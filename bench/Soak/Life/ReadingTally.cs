using Clinic.Load.Clients;

namespace Clinic.Soak.Life;

/// <summary>What all readers together got, those too who left long ago.</summary>
internal sealed class ReadingTally
{
    private readonly Lock _lock = new();

    public long Visits { get; private set; }

    public long Delivered { get; private set; }

    public long Lost { get; private set; }

    public long Repeated { get; private set; }

    public long Swapped { get; private set; }

    public long Contradictions { get; private set; }

    public long ToldToReload { get; private set; }

    public long Refused { get; private set; }

    /// <summary>One who leaves; only who stays until all is delivered can have lost what came last.</summary>
    public void Add(ClinicClient client, bool stayed)
    {
        lock (_lock)
        {
            Visits++;
            Refused += client.FatalError is null ? 0 : 1;
            foreach (var subscription in client.Place.Subscriptions)
            {
                Delivered += subscription.Delivered;
                Lost += stayed ? subscription.Lost() : subscription.Holes;
                Repeated += subscription.Repeated;
                Swapped += subscription.Swapped;
                Contradictions += subscription.Contradictions;
                ToldToReload += subscription.ToldToReload;
            }
        }
    }
}
