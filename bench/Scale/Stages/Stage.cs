using Clinic.Peers.Workloads;
using Clinic.Scale.Points;

namespace Clinic.Scale.Stages;

/// <summary>One start of the cluster and the points that are measured at it.</summary>
/// <param name="number">Its place among the stages.</param>
/// <param name="name">What it is for.</param>
/// <param name="silos">Silos.</param>
/// <param name="hosts">Api hosts.</param>
internal abstract class Stage(int number, string name, int silos, int hosts)
{
    private readonly string _run = Random.Shared.Next(1, 1_000_000_000).ToString(System.Globalization.CultureInfo.InvariantCulture);

    public string Name => name;

    /// <summary>Starts the cluster, measures, and stops it; each point is told as soon as it is there.</summary>
    public async Task RunAsync(ScaleOptions options, HttpClient http, Action<Point> found, CancellationToken cancellation)
    {
        await using var cluster = new ScaleCluster(options, silos, hosts, http, cancellation);
        await cluster.StartAsync();
        await MeasureAsync(cluster, options, found);
    }

    protected abstract Task MeasureAsync(ScaleCluster cluster, ScaleOptions options, Action<Point> found);

    /// <summary>Every second one, alternating from stage to stage as well: each stage and each load is fitted in part, and no point that is only predicted has been.</summary>
    protected bool IsFit(int step) => (number + step) % 2 == 0;

    /// <summary>A clinic's name, new in each run.</summary>
    protected string ClinicOf(string kind, int clinic) => $"scale-{_run}-{kind}-{clinic}";

    /// <summary>How much of everything there is with these people in it, of whom each is in one clinic.</summary>
    protected static async Task<Size> SizeAsync(ScaleCluster cluster, IReadOnlyCollection<CrowdUser> people)
    {
        var topics = await cluster.TopicsAsync();
        var clinics = people.GroupBy(user => user.Tenant).ToList();
        var copies = clinics.Sum(clinic => clinic.Count() * clinic.Select(user => user.Host).Distinct().Count());
        return new Size(cluster.SiloCount, cluster.HostCount, clinics.Count, people.Count, topics.Silos, topics.Hosts, people.Count, copies);
    }
}
