using Clinic.Streams;
using Orleans.Concurrency;

namespace Clinic.Hosts;

/// <inheritdoc cref="ISiloGrain" />
[Reentrant, NamedSiloPlacement, GrainType("silo")]
internal sealed class SiloGrain(HostDirectory hosts, HostOutbox outbox) : Grain, ISiloGrain
{
    public Task<bool> BeatAsync(string host) => Task.FromResult(hosts.Heard(host));

    public Task<DateTimeOffset?> LastHeardAsync(string host) => Task.FromResult(hosts.LastHeard(host));

    public Task LeaveAsync(string host)
    {
        hosts.Left(host);
        return Task.CompletedTask;
    }

    public Task ConfirmAsync(string host, string outboxId, long sequence)
    {
        outbox.Confirm(host, outboxId, sequence);
        return Task.CompletedTask;
    }

    public Task ResendAsync(string host, string outboxId, long afterSequence)
    {
        outbox.Resend(host, outboxId, afterSequence);
        return Task.CompletedTask;
    }

    public Task SignalAsync(string fromHost, SignalItem[] signals)
    {
        foreach (var signal in signals)
        {
            foreach (var host in hosts.AttachedTo(signal.Topic).Where(h => h != fromHost))
            {
                outbox.Emit(host, signal);
            }
        }

        return Task.CompletedTask;
    }
}
