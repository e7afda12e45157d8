namespace Clinic.Scale.Points;

/// <summary>How much of everything there is at a point: what its cost may depend on.</summary>
/// <param name="Silos">Silos of the cluster.</param>
/// <param name="Hosts">Its Api hosts.</param>
/// <param name="Clinics">Clinics with somebody in them. No term has it: a clinic is a topic, and costs what topics cost.</param>
/// <param name="Connections">Connections, one a user.</param>
/// <param name="SiloTopics">Topics active on the silos.</param>
/// <param name="HostTopics">Topics that hosts are attached to, once for each of them.</param>
/// <param name="Shown">Users whose presence the silos' topics have.</param>
/// <param name="HostShown">The same on the hosts, each of which has a copy of its own.</param>
/// <param name="Events">Events published per second.</param>
/// <param name="HostEvents">Events that a host was interested in, once for each such host, per second.</param>
/// <param name="Deliveries">Events that a connection received, once for each, per second.</param>
internal sealed record Size(
    int Silos,
    int Hosts,
    int Clinics,
    int Connections,
    double SiloTopics,
    double HostTopics,
    double Shown,
    double HostShown,
    double Events = 0,
    double HostEvents = 0,
    double Deliveries = 0);
