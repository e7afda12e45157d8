namespace Clinic.Load.Clients;

/// <summary>Notes what a client lives through; called where it happens, in the order in which it happens.</summary>
internal interface IClientNotes
{
    /// <summary>It begins to connect.</summary>
    void Opening(Uri host);

    /// <summary>Everything is subscribed.</summary>
    void Live();

    /// <summary>The connection, or the attempt at it, is over.</summary>
    void Ended();

    /// <summary>A message of the server as it came, before anything is made of it.</summary>
    void Frame(ReadOnlySpan<byte> message);
}
