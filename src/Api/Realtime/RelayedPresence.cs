using Clinic.Presence;

namespace Clinic.Realtime;

/// <summary>
/// This host's copy of a topic's presence, and what its clients have been told of it. The copy has an epoch and versions of its own, so that a grain that comes up
/// anew does not show: a new snapshot becomes a diff, and an incomplete one takes nobody away. Pure.
/// </summary>
internal sealed class RelayedPresence
{
    /// <summary>What the grain gets beyond the announced time before an entry is taken away without it.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(1.5);

    private readonly Dictionary<string, PresenceEntry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> _leaving = new(StringComparer.Ordinal);
    private string? _grainEpoch;
    private long _grainVersion;

    public string Epoch { get; } = Guid.NewGuid().ToString("N");

    public long Version { get; private set; }

    public IReadOnlyCollection<PresenceEntry> Entries => _entries.Values;

    public bool Has(string user) => _entries.ContainsKey(user);

    /// <summary>Whether the copy follows this life of the grain's set.</summary>
    public bool IsOf(string grainEpoch) => grainEpoch == _grainEpoch;

    /// <summary>Takes a grain's diff.</summary>
    /// <param name="diff">The diff.</param>
    /// <param name="now">The time.</param>
    /// <param name="visible">What clients are to be told; null for nothing.</param>
    /// <returns>False when it does not follow what is known: a snapshot is needed.</returns>
    public bool Apply(PresenceDiff diff, DateTimeOffset now, out PresenceDiff? visible)
    {
        visible = null;
        if (diff.Epoch != _grainEpoch || diff.Version > _grainVersion + 1)
        {
            return false;
        }

        if (diff.Version <= _grainVersion)
        {
            return true;
        }

        _grainVersion = diff.Version;
        visible = Change([.. diff.Joins, .. diff.Updates], diff.Leaves, now);
        return true;
    }

    /// <summary>Takes a grain's snapshot.</summary>
    /// <returns>What clients are to be told; null for nothing.</returns>
    public PresenceDiff? Apply(PresenceSnapshot snapshot, DateTimeOffset now)
    {
        if (snapshot.Epoch == _grainEpoch && snapshot.Version < _grainVersion)
        {
            // Older than the diffs that came meanwhile.
            return null;
        }

        var isFirst = _grainEpoch is null;
        _grainEpoch = snapshot.Epoch;
        _grainVersion = snapshot.Version;
        string[] leaves = [];
        if (snapshot.Complete)
        {
            var present = snapshot.Entries.Select(e => e.User).ToHashSet(StringComparer.Ordinal);
            leaves = [.. _entries.Keys.Where(user => !present.Contains(user))];
        }

        return Change(snapshot.Entries, leaves, now, mayBeReconnecting: isFirst);
    }

    /// <summary>Takes away who should have left by now according to the grain, when the grain itself can't be heard.</summary>
    public PresenceDiff? Expire(DateTimeOffset now)
    {
        string[] gone = [.. _leaving.Where(l => l.Value <= now).Select(l => l.Key)];
        return gone.Length == 0 ? null : Change([], gone, now);
    }

    /// <param name="upserts">Entries as they are now.</param>
    /// <param name="leaves">Users that are gone.</param>
    /// <param name="now">The time.</param>
    /// <param name="mayBeReconnecting">
    /// Whether somebody may come as reconnecting. Else that is somebody who was taken away here already: a silo that hung may say it long after.
    /// </param>
    private PresenceDiff? Change(IEnumerable<PresenceEntry> upserts, string[] leaves, DateTimeOffset now, bool mayBeReconnecting = false)
    {
        List<PresenceEntry> joins = [], updates = [];
        foreach (var entry in upserts)
        {
            if (!_entries.TryGetValue(entry.User, out var known))
            {
                if (entry.Status == PresenceStatus.Reconnecting && !mayBeReconnecting)
                {
                    continue;
                }

                joins.Add(entry);
            }
            else if (!known.Equals(entry))
            {
                updates.Add(entry);
            }

            _entries[entry.User] = entry;
            if (entry.LeavesIn is { } left)
            {
                _leaving.TryAdd(entry.User, now + left + Margin);
            }
            else
            {
                _leaving.Remove(entry.User);
            }
        }

        string[] gone = [.. leaves.Where(_entries.Remove)];
        foreach (var user in leaves)
        {
            _leaving.Remove(user);
        }

        return joins.Count + updates.Count + gone.Length == 0
            ? null
            : new PresenceDiff(Epoch, ++Version, [.. joins], [.. updates], gone);
    }
}
