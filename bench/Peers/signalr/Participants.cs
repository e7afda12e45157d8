using System.Collections.Concurrent;

namespace Clinic.Peers;

/// <summary>Who takes part in which thread; every process is told.</summary>
internal sealed class Participants
{
    private readonly ConcurrentDictionary<string, HashSet<string>> _byGroup = new();

    public void Set(string group, IEnumerable<string> users) => _byGroup[group] = [.. users];

    public bool Has(string group, string user) => _byGroup.TryGetValue(group, out var users) && users.Contains(user);
}
