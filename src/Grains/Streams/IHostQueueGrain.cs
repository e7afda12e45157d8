namespace Clinic.Streams;

/// <summary>
/// One queue of the host streams, in memory: what it loses with its silo, the outboxes send again. Reading waits inside until there is something, which is
/// what makes the streams push instead of poll.
/// </summary>
[Alias("Clinic.IHostQueueGrain")]
internal interface IHostQueueGrain : IGrainWithStringKey
{
    /// <summary>Adds a message.</summary>
    [Alias("Enqueue")]
    Task EnqueueAsync(HostQueueMessage message);

    /// <summary>Messages after a sequence, oldest first; waits up to <paramref name="wait"/> for the first one, then answers with none.</summary>
    [Alias("Read")]
    Task<HostQueueMessage[]> ReadAsync(long afterSequence, int limit, TimeSpan wait);

    /// <summary>Everything up to the sequence was delivered.</summary>
    [Alias("Trim")]
    Task TrimAsync(long upToSequence);
}
