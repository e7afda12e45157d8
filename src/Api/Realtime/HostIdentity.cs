namespace Clinic.Realtime;

/// <summary>What this Api process is called by the silos; another one after each start, so that nothing of a former life is taken for this one's.</summary>
internal sealed class HostIdentity
{
    public string Id { get; } = $"host-{Guid.NewGuid():N}";
}
