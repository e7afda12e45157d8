using Clinic.Load.Events;

namespace Clinic.Load.Clients;

/// <summary>The answer of Subscribe, as far as a measuring client needs it.</summary>
internal sealed class SubscribeAnswer
{
    public string Epoch { get; set; } = "";

    public long Offset { get; set; }

    public bool Recovered { get; set; }

    public List<Arrival> Events { get; } = [];

    public PresenceChanges Presence { get; set; } = new();
}
