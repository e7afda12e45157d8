using Clinic.Load.Events;

namespace Clinic.Load.Clients;

/// <summary>Takes what the server sends over a link, in the order in which it came.</summary>
internal interface ILinkReceiver
{
    void Event(ReadOnlySpan<byte> topic, ReadOnlySpan<byte> epoch, in Arrival arrival);

    void Presence(PresenceChanges diff);

    void Reset(string topic);

    void Closing(string reason, int retryAfterMs);

    /// <summary>Any message, as it came and before it is taken apart.</summary>
    void Frame(ReadOnlySpan<byte> message)
    {
        // Most receivers want the parts only.
    }
}
