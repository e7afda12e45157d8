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
    /// <param name="afterSequence">What the reader has read.</param>
    /// <param name="delivered">Everything up to here was delivered and is let go.</param>
    /// <param name="limit">Messages at most.</param>
    /// <param name="wait">How long to wait for the first one.</param>
    /// <param name="reader">The reader's silo: the queue moves there, which spares every batch a hop. Null for nowhere.</param>
    [Alias("Read")]
    Task<HostQueueMessage[]> ReadAsync(long afterSequence, long delivered, int limit, TimeSpan wait, SiloAddress? reader);
}
