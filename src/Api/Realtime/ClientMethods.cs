namespace Clinic.Realtime;

/// <summary>What the server calls on a client, by its wire name; each has one argument.</summary>
internal static class ClientMethods
{
    /// <summary>An array of <see cref="WireEvent"/>.</summary>
    public const string Events = "events";

    /// <summary>A <see cref="WirePresenceDiff"/>.</summary>
    public const string Presence = "presence";

    /// <summary>An array of <see cref="WireSignal"/>.</summary>
    public const string Signals = "signals";

    /// <summary>A <see cref="WireReset"/>.</summary>
    public const string Reset = "reset";

    /// <summary>A <see cref="WireClosing"/>.</summary>
    public const string Closing = "closing";
}
