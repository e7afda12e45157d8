using System.Collections.Concurrent;

namespace Clinic.Realtime;

/// <summary>The silos that this host tells that it is alive: those the cluster names, and those it was just attached by.</summary>
internal sealed class HostSilos(IGrainFactory grains, TimeProvider time)
{
    private static readonly TimeSpan Forget = TimeSpan.FromSeconds(30);
    private readonly ConcurrentDictionary<string, DateTimeOffset> _seen = new();

    /// <summary>The keys of their <see cref="Hosts.ISiloGrain"/>s.</summary>
    public IReadOnlyCollection<string> All
    {
        get
        {
            var now = time.GetUtcNow();
            foreach (var (silo, seen) in _seen)
            {
                if (now - seen > Forget)
                {
                    _seen.TryRemove(silo, out _);
                }
            }

            return [.. _seen.Keys];
        }
    }

    /// <summary>The silo is there.</summary>
    public void Add(string silo) => _seen[silo] = time.GetUtcNow();

    /// <summary>The silo is not there any more.</summary>
    public void Remove(string silo) => _seen.TryRemove(silo, out _);

    /// <summary>Asks the cluster.</summary>
    public async Task RefreshAsync()
    {
        foreach (var silo in (await grains.GetGrain<IManagementGrain>(0).GetHosts(onlyActive: true)).Keys)
        {
            Add(silo.ToParsableString());
        }
    }
}
