using Clinic.Scale.Points;

namespace Clinic.Scale.Estimates;

/// <summary>Who uses the cluster of an estimate, and how much of a machine a process of it may use.</summary>
internal sealed record Population
{
    public int Connections { get; init; } = 1_000_000;

    public int UsersPerClinic { get; init; } = 50;

    public double ChartsPerUser { get; init; } = 2;

    /// <summary>For each user, at the busiest time.</summary>
    public double EventsPerHour { get; init; } = 20;

    public int CoresPerProcess { get; init; } = 4;

    public int BusyPercent { get; init; } = 50;

    public int ConnectionsPerHost { get; init; } = 20_000;

    /// <summary>How much of everything there is with so many silos and hosts.</summary>
    /// <param name="silos">Silos.</param>
    /// <param name="hosts">Hosts.</param>
    /// <param name="areTogether">Whether the users of a clinic are on one host, or wherever a load balancer that knows nothing of clinics sends each of them.</param>
    public Size SizeWith(int silos, int hosts, bool areTogether)
    {
        var clinics = (Connections + UsersPerClinic - 1) / UsersPerClinic;
        var interested = InterestedHosts(hosts, areTogether);
        var charts = Connections * ChartsPerUser;
        var events = Connections * EventsPerHour / 3600;
        return new Size(
            silos, hosts, clinics, Connections, clinics + charts, (clinics * interested) + charts, Connections, Connections * interested,
            events, events * interested, events * UsersPerClinic);
    }

    /// <summary>Hosts on which there is anybody of a clinic, on average.</summary>
    public double InterestedHosts(int hosts, bool areTogether)
        => areTogether ? 1 : hosts * (1 - Math.Pow(1 - (1.0 / hosts), UsersPerClinic));
}
