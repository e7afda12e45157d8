namespace Clinic.Presence;

/// <summary>One user of a presence set with all connections, live and broken.</summary>
internal sealed class PresentUser(string id)
{
    public string Id => id;

    /// <summary>In the order of their coming.</summary>
    public List<PresentConnection> Connections { get; } = [];

    public string[] Editing { get; set; } = [];

    /// <summary>When the user came; a reconnect does not move it.</summary>
    public DateTimeOffset Since { get; set; } = DateTimeOffset.MaxValue;

    /// <summary>The name that the newest connection's token has.</summary>
    public string Name => Connections[^1].Presence.Name;

    /// <summary>
    /// The view that others see, of live connections or such within the grace: the one that has been open longest. One that broke the glass comes before all that did not,
    /// or it would hide behind an older window; of several of these it is the one with the newest reason.
    /// </summary>
    public ChartView? View => Connections
        .Select(c => c.Presence.Viewing)
        .OfType<ChartView>()
        .OrderByDescending(v => v.BreakGlass?.At ?? DateTimeOffset.MinValue)
        .ThenBy(v => v.Since)
        .FirstOrDefault();

    public PresenceEntry? ToEntry(DateTimeOffset now)
    {
        if (Connections.Count == 0)
        {
            return null;
        }

        var live = Connections.Where(c => c.IsLive).ToList();
        return new PresenceEntry(
            id,
            Name,
            Connections[^1].Presence.Role,
            live.Count == 0 ? PresenceStatus.Reconnecting : live.Min(c => c.Presence.Status),
            live.Count,
            Since,
            View,
            live.Any(c => c.TypingUntil is not null),
            Editing,
            live.Count == 0 ? Connections.Max(c => c.GoneAt) - now : null,
            (live.Count == 0 ? Connections : live).Any(c => c.Presence.IsPrivacyOfficer));
    }
}
