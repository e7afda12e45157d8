using Clinic.Topics;

namespace Clinic.Storage;

/// <summary>The durable part of the topics' event logs; one implementation a database.</summary>
internal interface IEventStore
{
    /// <summary>The last given offset of a topic and the epoch of its log. A topic without events has offset 0 and the database's own epoch.</summary>
    Task<LogPosition> ReadHeadAsync(TopicId topic, CancellationToken cancellation);

    /// <summary>Events with an offset above <paramref name="after"/>, in order, at most <paramref name="limit"/>; a trimmed part is simply not there.</summary>
    Task<IReadOnlyList<TopicEvent>> ReadAsync(TopicId topic, long after, int limit, CancellationToken cancellation);

    /// <summary>Where earlier publishes with ids of their own went. Ids that are not known, or expired, are missing in the answer.</summary>
    Task<IReadOnlyDictionary<string, UsedEventId>> FindIdsAsync(TopicId topic, IReadOnlyList<string> ids, CancellationToken cancellation);

    /// <summary>Pending events of a topic, in the order of their writing, at most <paramref name="limit"/>.</summary>
    Task<IReadOnlyList<PendingEvent>> ReadPendingAsync(TopicId topic, int limit, CancellationToken cancellation);

    /// <summary>Topics with pending events written before <paramref name="before"/>, at most <paramref name="limit"/>, those that wait longest first.</summary>
    Task<IReadOnlyList<TopicId>> FindTopicsWithPendingAsync(DateTimeOffset before, int limit, CancellationToken cancellation);

    /// <summary>
    /// Commits a group of appends, of different topics, in one transaction. Each append counts on its own: it happens whole when the topic's
    /// stored head is the expected one, none of its ids was used before and its pending events are still there, and not at all otherwise.
    /// </summary>
    /// <returns>For each append, in order, whether it happened.</returns>
    Task<bool[]> AppendAsync(IReadOnlyList<LogAppend> appends, CancellationToken cancellation);

    /// <summary>Deletes events of a topic that are older than <paramref name="before"/> and not among the newest <paramref name="keep"/>.</summary>
    Task TrimAsync(TopicId topic, int keep, DateTimeOffset before, CancellationToken cancellation);

    /// <summary>Deletes used event ids that expired before <paramref name="now"/>, at most <paramref name="limit"/>.</summary>
    /// <returns>How many were deleted.</returns>
    Task<int> ExpireIdsAsync(DateTimeOffset now, int limit, CancellationToken cancellation);
}

/// <summary>One topic's part of a group commit.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Expected">The head the writer knows; the first event has the next offset.</param>
/// <param name="Events">At least one, offsets rising by one.</param>
/// <param name="UsedIds">For events whose publisher chose the id: id to hash of the content and expiry.</param>
/// <param name="PendingTaken">Sequences of the pending events that these events are; their rows go with the same transaction.</param>
internal sealed record LogAppend(
    TopicId Topic,
    LogPosition Expected,
    IReadOnlyList<TopicEvent> Events,
    IReadOnlyList<NewEventId> UsedIds,
    IReadOnlyList<long> PendingTaken);

/// <summary>An event id chosen by its publisher, to be remembered.</summary>
/// <param name="Id">The event's id.</param>
/// <param name="Hash">SHA-256 of type, data and author; the same id with another hash is a mistake of the publisher.</param>
/// <param name="Offset">Where the event went.</param>
/// <param name="Expires">From when on the id may be used again.</param>
internal sealed record NewEventId(string Id, byte[] Hash, long Offset, DateTimeOffset Expires);

/// <summary>What became of an event id.</summary>
/// <param name="Hash">As in <see cref="NewEventId"/>.</param>
/// <param name="Offset">Where the event went.</param>
internal sealed record UsedEventId(byte[] Hash, long Offset);

/// <summary>An event that a record write left in its own transaction, not yet numbered.</summary>
/// <param name="Sequence">The order of writing.</param>
/// <param name="Id">The event's id.</param>
/// <param name="Type">What happened.</param>
/// <param name="Data">UTF-8 JSON.</param>
/// <param name="By">The user on whose behalf it happened, if any.</param>
internal sealed record PendingEvent(long Sequence, string Id, string Type, byte[] Data, string? By);
