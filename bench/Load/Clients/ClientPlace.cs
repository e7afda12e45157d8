namespace Clinic.Load.Clients;

/// <summary>Who a client is, where it may connect and what it reads.</summary>
/// <param name="Number">Its number, which its user id ends in.</param>
/// <param name="Tenant">Its clinic.</param>
/// <param name="User">Its user id.</param>
/// <param name="Hosts">The Api hosts, in the order in which they are tried.</param>
/// <param name="FirstHost">Where it starts.</param>
/// <param name="Subscriptions">The topics it reads.</param>
/// <param name="Presence">Its picture of who is there, if it keeps one.</param>
/// <param name="Strays">Takes events of topics that the client did not ask for.</param>
internal sealed record ClientPlace(
    int Number,
    string Tenant,
    string User,
    IReadOnlyList<Uri> Hosts,
    int FirstHost,
    IReadOnlyList<Subscription> Subscriptions,
    PresenceView? Presence,
    StrayEvents Strays)
{
    /// <summary>Takes notes, where somebody wants them.</summary>
    public IClientNotes? Notes { get; init; }
}
