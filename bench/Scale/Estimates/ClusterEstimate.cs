using Clinic.Scale.Fitting;
using Clinic.Scale.Points;

namespace Clinic.Scale.Estimates;

/// <summary>What a cluster for a population needs by the models: the smallest number of processes whose cost by the models fits into them.</summary>
/// <param name="AreTogether">Whether the users of a clinic are on one host.</param>
/// <param name="InterestedHosts">Hosts that an event goes to, on average.</param>
/// <param name="Size">How much of everything there is, silos and hosts among it.</param>
/// <param name="Cost">What all of them together are busy with and have.</param>
internal sealed record ClusterEstimate(bool AreTogether, double InterestedHosts, Size Size, Cost Cost)
{
    /// <summary>Three are the least that find a hung one by vote.</summary>
    private const int LeastSilos = 3;
    private const int LeastHosts = 2;
    private const int MostProcesses = 100_000;

    /// <summary>Null when each process that is added costs more than it carries.</summary>
    public static ClusterEstimate? For(Population population, IReadOnlyList<CostModel> models, bool areTogether)
    {
        var silos = LeastSilos;
        var hosts = Math.Max(LeastHosts, (int)Math.Ceiling(population.Connections / (double)population.ConnectionsPerHost));
        while (silos + hosts < MostProcesses)
        {
            var size = population.SizeWith(silos, hosts, areTogether);
            var cost = CostModels.Predict(models, size);
            var (silosNeeded, hostsNeeded) = (Processes(cost.SiloCores, population), Processes(cost.HostCores, population));
            if (silosNeeded <= silos && hostsNeeded <= hosts)
            {
                return new ClusterEstimate(areTogether, population.InterestedHosts(hosts, areTogether), size, cost);
            }

            // More of the one cost the other something too, so both only ever rise until they fit.
            (silos, hosts) = (Math.Max(silos, silosNeeded), Math.Max(hosts, hostsNeeded));
        }

        return null;
    }

    private static int Processes(double? cores, Population population)
        => (int)Math.Min(MostProcesses, Math.Ceiling((cores ?? 0) / (population.CoresPerProcess * population.BusyPercent / 100.0)));
}
