using System.Globalization;
using Clinic.Peers.Workloads;
using Clinic.Scale.Points;

namespace Clinic.Scale.Stages;

/// <summary>
/// What connections and topics cost that are only there: memory and idle CPU with nobody, a fifth of the connections and all of them, in so many clinics. Only more are added, for a process that
/// had more before keeps some of it.
/// </summary>
internal sealed class MemoryStage(int number, string name, Func<int, int> clinicsOf) : Stage(number, name, silos: 3, hosts: 2)
{
    private const int FirstShare = 5;
    private const int FirstCharts = 1;
    private const int AllCharts = 5;

    /// <summary>Followers of a chart where the clinic is one: presence that everybody tells everybody of makes their sign-in cost the square of their number.</summary>
    private const int PerChart = 100;

    private const int EventsPerSecond = 10;
    private const double WarmRate = 60;
    private static readonly ClinicKind Warmers = new("warm", 4, 10, AreTogether: false);
    private static readonly TimeSpan MostCompilation = TimeSpan.FromSeconds(10);

    /// <summary>Whether those of the first step follow charts as well, and events go to the clinics in the end.</summary>
    public bool HasCharts { get; init; }

    protected override async Task MeasureAsync(ScaleCluster cluster, ScaleOptions options, Action<Point> found)
    {
        var clinics = clinicsOf(options.Connections);
        var people = Enumerable.Range(0, options.Connections).Select(user => PersonOf(user, clinics, cluster.Hosts)).ToList();
        var (first, rest) = (people.Take(people.Count / FirstShare).ToList(), people.Skip(people.Count / FirstShare).ToList());
        await WarmAsync(cluster, options);
        var step = 0;
        await PointAsync("nobody", []);
        var crowd = await cluster.SignInAsync(first);
        await PointAsync(NameOf(first), first, crowd);
        var others = await cluster.SignInAsync(rest);
        await PointAsync(NameOf(people), people, crowd, others);
        if (!HasCharts)
        {
            return;
        }

        for (var charts = 0; charts < AllCharts;)
        {
            var upTo = charts < FirstCharts ? FirstCharts : AllCharts;
            for (; charts < upTo; charts++)
            {
                var chart = charts;
                await cluster.JoinAlsoAsync(crowd, user => $"patient:{user}-{chart}");
            }

            await PointAsync(string.Create(CultureInfo.InvariantCulture, $"{NameOf(people)}, {first.Count} of them with {charts} chart{(charts == 1 ? "" : "s")} each"), people, crowd, others);
        }

        await EventsAsync(cluster, options, people, clinics, others, found);

        async Task PointAsync(string what, List<CrowdUser> present, params Crowd[] crowds)
        {
            foreach (var one in crowds)
            {
                await cluster.SettleAsync(one);
            }

            var before = crowds.Sum(one => one.Reconnects);
            var (silos, hosts) = await cluster.MemoryAsync();
            await cluster.CompiledAsync(MostCompilation);
            var size = await SizeAsync(cluster, present);
            var cost = await cluster.IdleAsync() with { SiloMegabytes = silos, HostMegabytes = hosts };
            var reconnects = crowds.Sum(one => one.Reconnects) - before;
            found(new Point(Name, what, IsFit(step++), size, cost, reconnects == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"{reconnects} reconnects")));
        }
    }

    private async Task WarmAsync(ScaleCluster cluster, ScaleOptions options)
    {
        await using var crowd = await cluster.SignInAsync(Warmers.People(cluster.Hosts, clinic => ClinicOf(Warmers.Name, clinic)));
        await cluster.WarmAsync(
            WarmRate, Warmers.Users, options.MostWarmup / 2, crowd, cluster.NewPublisher(number => ClinicOf(Warmers.Name, number / cluster.HostCount % Warmers.Clinics)));
    }

    /// <summary>Whether what events cost and what idle connections cost add up. Never fitted: this is what the models are for.</summary>
    private async Task EventsAsync(ScaleCluster cluster, ScaleOptions options, List<CrowdUser> people, int clinics, Crowd crowd, Action<Point> found)
    {
        var receivers = people.Count / clinics;
        var publisher = cluster.NewPublisher(number => ClinicOf("idle", number / cluster.HostCount % clinics));
        await cluster.WarmAsync(EventsPerSecond, receivers, options.LeastWarmup, crowd, publisher);
        var size = await SizeAsync(cluster, people);
        var (step, cost) = await cluster.HoldAsync(EventsPerSecond, receivers, crowd, publisher);
        found(new Point(
            Name,
            string.Create(CultureInfo.InvariantCulture, $"the same, {EventsPerSecond} events/s, {receivers} receivers on all hosts"),
            IsFit: false,
            CpuStage.SizeAt(size, step, EventsPerSecond, cluster.HostCount, options),
            cost,
            CpuStage.TroubleOf(step)));
    }

    private CrowdUser PersonOf(int user, int clinics, IReadOnlyList<Uri> hosts)
    {
        var (clinic, place) = (user % clinics, user / clinics);
        var topic = clinics == 1 ? string.Create(CultureInfo.InvariantCulture, $"patient:{user / PerChart}") : "tenant";
        return new CrowdUser(ClinicOf("idle", clinic), Crowd.UserOf(user), hosts[(clinic + place) % hosts.Count], topic);
    }

    private static string NameOf(List<CrowdUser> people)
    {
        var clinics = people.Select(user => user.Tenant).Distinct().Count();
        return string.Create(CultureInfo.InvariantCulture, $"{people.Count} connections in {clinics} clinic{(clinics == 1 ? "" : "s")}");
    }
}
