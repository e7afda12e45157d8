namespace Clinic.Hosts;

/// <summary>
/// The one grain of a silo that Api hosts talk to about the silo itself: that they are alive, what of its outbox arrived, what has to come
/// again. Keyed by the silo's address and always placed there, so that a hung silo takes no other's view of the hosts with it.
/// </summary>
[Alias("Clinic.ISiloGrain")]
public interface ISiloGrain : IGrainWithStringKey
{
    /// <summary>The host is alive. Silent hosts are gone after <c>HostOptions.SilenceLimit</c>.</summary>
    [Alias("Beat")]
    Task BeatAsync(string host);

    /// <summary>The host is stopping on purpose, after it took leave of its topics.</summary>
    [Alias("Leave")]
    Task LeaveAsync(string host);

    /// <summary>The host has everything up to the sequence.</summary>
    [Alias("Confirm")]
    Task ConfirmAsync(string host, string outbox, long sequence);

    /// <summary>The host misses what came after the sequence: the outbox sends it again, or starts anew when it can't.</summary>
    [Alias("Resend")]
    Task ResendAsync(string host, string outbox, long afterSequence);
}
