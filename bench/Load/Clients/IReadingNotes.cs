using Clinic.Load.Events;

namespace Clinic.Load.Clients;

/// <summary>Notes what a client is told of one topic, before the client makes anything of it; one call at a time.</summary>
internal interface IReadingNotes
{
    /// <summary>It calls Subscribe.</summary>
    void Asked();

    /// <summary>The answer came.</summary>
    void Answered(SubscribeAnswer answer, Position? since);

    /// <summary>A live event came.</summary>
    void Got(ReadOnlySpan<byte> epoch, in Arrival arrival);

    /// <summary>The server said that there is a gap.</summary>
    void ToldToReload();

    /// <summary>The connection ended.</summary>
    void Broken();
}
