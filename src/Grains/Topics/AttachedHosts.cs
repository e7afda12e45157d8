namespace Clinic.Topics;

/// <summary>
/// Which hosts hear of a topic. A host numbers what it says; what was overtaken on the way, because the host gave up waiting for it and said something else, does not
/// count any more. Pure.
/// </summary>
internal sealed class AttachedHosts
{
    private readonly Dictionary<string, Said> _hosts = [];

    public IEnumerable<string> Names => _hosts.Where(h => h.Value.IsAttached).Select(h => h.Key);

    public bool Any => _hosts.Values.Any(h => h.IsAttached);

    /// <summary>Connections that receive the topic, on all hosts.</summary>
    public int Receivers => _hosts.Values.Where(h => h.IsAttached).Sum(h => h.Subscribers);

    public bool Has(string host) => _hosts.TryGetValue(host, out var said) && said.IsAttached;

    /// <summary>The host attaches.</summary>
    /// <returns>False when it has said something else since.</returns>
    public bool Attach(string host, long sequence, int subscribers) => Say(host, sequence, new Said(sequence, true, subscribers));

    /// <summary>The host detaches.</summary>
    /// <returns>False when it has said something else since.</returns>
    public bool Detach(string host, long sequence) => Say(host, sequence, new Said(sequence, false, 0));

    /// <summary>An attached host reports a change.</summary>
    /// <returns>False when it is not attached.</returns>
    public bool Report(string host, long sequence, int subscribers, out bool isNewest)
    {
        isNewest = false;
        if (!Has(host))
        {
            return false;
        }

        isNewest = Say(host, sequence, new Said(sequence, true, subscribers));
        return true;
    }

    /// <summary>The host is gone.</summary>
    /// <returns>Whether it was attached.</returns>
    public bool Lose(string host) => _hosts.Remove(host, out var said) && said.IsAttached;

    private bool Say(string host, long sequence, Said said)
    {
        if (_hosts.TryGetValue(host, out var before) && before.Sequence > sequence)
        {
            return false;
        }

        _hosts[host] = said;
        return true;
    }

    private readonly record struct Said(long Sequence, bool IsAttached, int Subscribers);
}
