using Clinic.Load.Events;
using Clinic.Peers.Servers;
using Clinic.Peers.Wire;

namespace Clinic.Peers.Workloads;

/// <summary>Holds a rate for a least time, and on until .NET has compiled for good what it runs through.</summary>
internal sealed class WarmUp(Peer peer, EventMeter meter)
{
    private const double CompiledBelow = 0.03;

    public async Task HoldAsync(
        double perSecond, int receivers, TimeSpan least, TimeSpan most, Crowd crowd, Action<long, int> send, Func<long> refused, CancellationToken cancellation)
    {
        var watch = new CompilationWatch(peer);
        var (began, cores) = (MonotonicClock.Now, 1.0);
        var span = TimeSpan.FromSeconds(Math.Min(4, least.TotalSeconds));
        while (MonotonicClock.Seconds(MonotonicClock.Now - began) is var passed
            && (passed < least.TotalSeconds || (cores > CompiledBelow && passed < most.TotalSeconds)))
        {
            await new Stepper(peer, meter).HoldAsync(perSecond, receivers, TimeSpan.Zero, span, crowd, send, refused, cancellation);
            cores = watch.Cores();
        }
    }
}
