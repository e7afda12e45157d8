using Clinic.Peers.Workloads;

namespace Clinic.Scale.Stages;

/// <summary>Clinics that are alike, for one load.</summary>
/// <param name="Name">What they are called by.</param>
/// <param name="Clinics">How many there are.</param>
/// <param name="Users">Connected users of each, who all receive its events.</param>
/// <param name="AreTogether">Whether the users of a clinic are on one host, or spread over all.</param>
internal sealed record ClinicKind(string Name, int Clinics, int Users, bool AreTogether)
{
    /// <summary>Hosts that an event of such a clinic goes to.</summary>
    public int InterestedHosts(int hosts) => Users == 0 ? 0 : AreTogether ? 1 : Math.Min(Users, hosts);

    public IEnumerable<CrowdUser> People(IReadOnlyList<Uri> hosts, Func<int, string> clinicOf)
    {
        for (var clinic = 0; clinic < Clinics; clinic++)
        {
            for (var user = 0; user < Users; user++)
            {
                yield return new CrowdUser(clinicOf(clinic), Crowd.UserOf(user), hosts[(AreTogether ? clinic : clinic + user) % hosts.Count], "tenant");
            }
        }
    }
}
