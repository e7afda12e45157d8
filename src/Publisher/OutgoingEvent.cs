namespace Clinic.Publisher;

/// <summary>An event on its way out.</summary>
/// <param name="Tenant">The clinic.</param>
/// <param name="Topic">The topic's name on the wire.</param>
/// <param name="Type">What happened.</param>
/// <param name="Id">Makes repeats of it one event.</param>
/// <param name="Data">UTF-8 JSON.</param>
/// <param name="Queued">When it was handed in, as a timestamp of the time provider.</param>
internal sealed record OutgoingEvent(string Tenant, string Topic, string Type, string Id, byte[] Data, long Queued)
{
    /// <summary>The Api takes bodies of 256 KB; the rest of a body is below 2 KB, however its ids have to be escaped.</summary>
    public const int MaxDataBytes = 254 * 1024;

    /// <summary>Within it the order is kept.</summary>
    public (string Tenant, string Topic) Lane => (Tenant, Topic);
}
