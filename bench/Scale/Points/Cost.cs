namespace Clinic.Scale.Points;

/// <summary>What all processes of a kind together were busy with and had; null when that was not read at the point.</summary>
internal sealed record Cost(
    double? SiloCores = null, double? HostCores = null, double? DatabaseCores = null, double? SiloMegabytes = null, double? HostMegabytes = null)
{
    /// <summary>Of the one core that all servers share; near one, processes wait for each other and the point says little.</summary>
    public double? Cores => SiloCores + HostCores + DatabaseCores;
}
