namespace Clinic.Streams;

/// <summary>Names of the one Orleans stream that each Api host has.</summary>
public static class HostStreams
{
    /// <summary>The stream provider, on silos and clients alike.</summary>
    public const string Provider = "hosts";

    /// <summary>The stream of a host.</summary>
    /// <param name="host">The host's id.</param>
    public static StreamId For(string host) => StreamId.Create("host", host);
}
