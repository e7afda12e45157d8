namespace Clinic.Presence;

/// <summary>
/// What an entry or a connection shows. An entry shows the first that one of its live connections has, in the order of the values here,
/// and <see cref="Reconnecting"/> when none is live.
/// </summary>
public enum PresenceStatus
{
    /// <summary>At work and not to be disturbed.</summary>
    Busy = 0,

    /// <summary>At work.</summary>
    Active = 1,

    /// <summary>Signed in, not at the screen.</summary>
    Away = 2,

    /// <summary>The window is not visible.</summary>
    Hidden = 3,

    /// <summary>No live connection, for a few seconds, after one broke.</summary>
    Reconnecting = 4,
}
