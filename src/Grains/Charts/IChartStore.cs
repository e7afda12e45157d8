using Clinic.Topics;

namespace Clinic.Charts;

/// <summary>What a chart keeps in the database: who had it open from when to when, and who holds which section.</summary>
internal interface IChartStore
{
    /// <summary>Records that a user opened the chart.</summary>
    Task OpenAsync(AccessInterval interval, CancellationToken cancellation);

    /// <summary>
    /// Records that a user opened a restricted chart with a reason, and notifies those who answer for privacy, both or neither. Said again, it changes nothing and notifies
    /// nobody.
    /// </summary>
    /// <param name="interval">The interval, with the reason.</param>
    /// <param name="officers">Users to notify; what they are not whole by stays owed.</param>
    /// <param name="cancellation">Stops it.</param>
    Task BreakGlassAsync(AccessInterval interval, Officers officers, CancellationToken cancellation);

    /// <summary>Ends intervals that are still open; ended ones stay as they are.</summary>
    Task CloseAsync(IReadOnlyList<AccessEnd> ends, CancellationToken cancellation);

    /// <summary>The chart's open intervals.</summary>
    Task<IReadOnlyList<AccessInterval>> ReadOpenAsync(TopicId patient, CancellationToken cancellation);

    /// <summary>Charts with open intervals or held sections, at most <paramref name="limit"/>, in the order of their keys, after <paramref name="afterKey"/>.</summary>
    Task<IReadOnlyList<TopicId>> FindUnsettledAsync(string afterKey, int limit, CancellationToken cancellation);

    /// <summary>The chart's held sections.</summary>
    Task<IReadOnlyList<StoredEdit>> ReadEditsAsync(TopicId patient, CancellationToken cancellation);

    /// <summary>
    /// Gives a section to a new holder if the stored fence is still <paramref name="expectedFence"/> (0 when nobody ever held it); the fence
    /// rises by one, so that of two activations only one succeeds. The chart's events go to the pending events in the same transaction.
    /// </summary>
    Task<bool> TakeEditAsync(StoredEdit edit, long expectedFence, IReadOnlyList<EventDraft> events, CancellationToken cancellation);

    /// <summary>Frees a section if it is still held with this lease; the fence stays. Events as with <see cref="TakeEditAsync"/>.</summary>
    Task<bool> EndEditAsync(TopicId patient, string section, string lease, IReadOnlyList<EventDraft> events, CancellationToken cancellation);

    /// <summary>The last fence of each section that was ever held.</summary>
    Task<IReadOnlyDictionary<string, long>> ReadFencesAsync(TopicId patient, CancellationToken cancellation);

    /// <summary>The clock mark that the sweeping process leaves every few seconds; after a stop of everything it says until when all was well.</summary>
    Task<DateTimeOffset?> ReadAliveMarkAsync(CancellationToken cancellation);

    /// <summary>Leaves the mark.</summary>
    Task WriteAliveMarkAsync(DateTimeOffset now, CancellationToken cancellation);
}

/// <summary>That a user has, or had, a chart open.</summary>
/// <param name="Id">The interval's id.</param>
/// <param name="Patient">The chart.</param>
/// <param name="User">Who.</param>
/// <param name="Name">The name at that time.</param>
/// <param name="Reason">What the user gave as the reason, if anything.</param>
/// <param name="OpenedAt">From when on, UTC.</param>
/// <param name="BreakGlass">Whether the chart was restricted and the user not of its care team.</param>
internal sealed record AccessInterval(
    string Id, TopicId Patient, string User, string Name, string? Reason, DateTimeOffset OpenedAt, bool BreakGlass = false);

/// <summary>The end of an access interval.</summary>
/// <param name="Id">The interval's id.</param>
/// <param name="ClosedAt">Until when, UTC.</param>
/// <param name="ClosedBy">Why it ended: <c>user</c>, <c>connection_lost</c>, <c>host_lost</c>, <c>outage</c>, <c>expired</c>, <c>revoked</c>.</param>
internal sealed record AccessEnd(string Id, DateTimeOffset ClosedAt, string ClosedBy);

/// <summary>A held section.</summary>
/// <param name="Patient">The chart.</param>
/// <param name="Section">The section's name.</param>
/// <param name="Lease">The opaque text a write presents.</param>
/// <param name="Fence">Rises with each holder of the section.</param>
/// <param name="Connection">The holder's connection.</param>
/// <param name="User">The holder.</param>
/// <param name="Name">The holder's name.</param>
/// <param name="Since">From when on, UTC.</param>
internal sealed record StoredEdit(
    TopicId Patient, string Section, string Lease, long Fence, string Connection, string User, string Name, DateTimeOffset Since);
