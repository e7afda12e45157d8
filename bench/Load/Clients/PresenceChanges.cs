namespace Clinic.Load.Clients;

/// <summary>How one user stands in a topic's presence.</summary>
internal enum Standing : byte
{
    Absent,
    Live,
    Reconnecting,
}

/// <summary>A snapshot's entries, or a diff's joins, updates and leaves; users by the number in their id.</summary>
internal sealed class PresenceChanges
{
    public string Topic { get; set; } = "";

    public string Epoch { get; set; } = "";

    public long Version { get; set; }

    public List<(int User, Standing Standing)> Changes { get; } = [];
}
