using Clinic.Presence;

namespace Clinic.Topics;

/// <summary>
/// Decides how long a topic that came up anew waits for the hosts that may have been attached to its former life. Pure.
/// </summary>
internal sealed class TopicRebuild(PresenceOptions options)
{
    /// <summary>A loss older than this was noticed by every host long ago.</summary>
    private static readonly TimeSpan LossMatters = TimeSpan.FromSeconds(60);

    /// <summary>Stands for hosts that may be there; never answers.</summary>
    private const string Unheard = "";

    private readonly HashSet<string> _expected = [];

    /// <summary>When the rebuild ends, if it is under way.</summary>
    public DateTimeOffset? EndsAt { get; private set; }

    /// <summary>Starts waiting when a silo was lost a short while ago and there are hosts to wait for.</summary>
    /// <param name="lastLoss">When a silo was lost last.</param>
    /// <param name="liveHosts">The hosts that are known here.</param>
    /// <param name="mayMissHosts">Whether there may be others that were not heard of yet; the rebuild then takes its whole time.</param>
    /// <param name="now">The time.</param>
    public bool Begin(DateTimeOffset lastLoss, IReadOnlyCollection<string> liveHosts, bool mayMissHosts, DateTimeOffset now)
    {
        if (now - lastLoss > LossMatters)
        {
            return false;
        }

        _expected.UnionWith(liveHosts);
        if (mayMissHosts)
        {
            _expected.Add(Unheard);
        }

        EndsAt = _expected.Count == 0 ? null : now + options.RebuildLimit;
        return EndsAt is not null;
    }

    /// <summary>A host has said what it has, or is gone.</summary>
    /// <returns>True when it was the last one: the rebuild ends now.</returns>
    public bool Answered(string host)
    {
        if (EndsAt is null || !_expected.Remove(host) || _expected.Count > 0)
        {
            return false;
        }

        EndsAt = DateTimeOffset.MinValue;
        return true;
    }

    public void End()
    {
        EndsAt = null;
        _expected.Clear();
    }
}
