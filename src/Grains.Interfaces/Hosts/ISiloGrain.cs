using Clinic.Streams;

namespace Clinic.Hosts;

/// <summary>
/// The one grain of a silo that Api hosts talk to about the silo itself: that they are alive, what of its outbox arrived, what has to come
/// again, and signals to pass on. Keyed by the silo's address and always placed there, so that a hung silo takes no other's view of the hosts with it.
/// </summary>
[Alias("Clinic.ISiloGrain")]
public interface ISiloGrain : IGrainWithStringKey
{
    /// <summary>The host is alive.</summary>
    /// <returns>False when this silo did not know the host, or gave it up meanwhile: it attaches again what it has on this silo.</returns>
    [Alias("Beat")]
    Task<bool> BeatAsync(string host);

    /// <summary>When this silo heard of the host last; null when it does not know it. Other silos ask before they give a host up.</summary>
    [Alias("LastHeard")]
    Task<DateTimeOffset?> LastHeardAsync(string host);

    /// <summary>The host is stopping on purpose, after it took leave of its topics.</summary>
    [Alias("Leave")]
    Task LeaveAsync(string host);

    /// <summary>The host has everything up to the sequence.</summary>
    [Alias("Confirm")]
    Task ConfirmAsync(string host, string outboxId, long sequence);

    /// <summary>The host misses what came after the sequence: the outbox sends it again, or starts anew when it can't.</summary>
    [Alias("Resend")]
    Task ResendAsync(string host, string outboxId, long afterSequence);

    /// <summary>
    /// Passes best-effort messages, of any topics, to the other hosts that are attached to each one's topic on this silo, in order. Those of a topic that is not here are
    /// dropped.
    /// </summary>
    [Alias("Signal")]
    Task SignalAsync(string fromHost, SignalItem[] signals);
}
