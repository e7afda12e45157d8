using System.Globalization;
using Clinic.Peers.Results;
using Clinic.Peers.Workloads;
using Clinic.Scale.Points;

namespace Clinic.Scale.Stages;

/// <summary>What events cost, by how many there are and where they go, at one number of silos and hosts: small and large clinics, together on a host and spread over all.</summary>
internal sealed class CpuStage(int number, int silos, int hosts)
    : Stage(number, $"{Count(silos, "silo")}, {Count(hosts, "host")}", silos, hosts)
{
    private const double WarmRate = 60;

    private static readonly ClinicKind Empty = new("empty", 4, 0, AreTogether: true);
    private static readonly ClinicKind SmallTogether = new("small-together", 4, 10, AreTogether: true);
    private static readonly ClinicKind SmallSpread = new("small-spread", 4, 10, AreTogether: false);
    private static readonly ClinicKind LargeSpread = new("large-spread", 2, 40, AreTogether: false);
    private static readonly ClinicKind LargeTogether = new("large-together", 2, 40, AreTogether: true);

    /// <summary>Rates far from what a core carries. Their order decides which of them each stage fits: both have some of every kind.</summary>
    private static readonly (ClinicKind Kind, int PerSecond)[] Loads =
        [(Empty, 40), (SmallTogether, 40), (SmallSpread, 15), (LargeSpread, 30), (LargeTogether, 15)];

    protected override async Task MeasureAsync(ScaleCluster cluster, ScaleOptions options, Action<Point> found)
    {
        var people = Loads.SelectMany(load => load.Kind.People(cluster.Hosts, clinic => ClinicOf(load.Kind.Name, clinic))).ToList();
        var crowd = await cluster.SignInAsync(people);
        await cluster.WarmAsync(WarmRate, SmallSpread.Users, options.MostWarmup, crowd, PublisherTo(cluster, SmallSpread));
        await cluster.SettleAsync(crowd);
        var size = await SizeAsync(cluster, people);
        found(new Point(Name, "nothing happens", IsFit(0), size, await cluster.IdleAsync()));
        for (var index = 0; index < Loads.Length; index++)
        {
            var (kind, perSecond) = Loads[index];
            var (step, cost) = await cluster.HoldAsync(perSecond, kind.Users, crowd, PublisherTo(cluster, kind));
            found(new Point(Name, NameOf(kind, perSecond), IsFit(index + 1), SizeAt(size, step, perSecond, kind.InterestedHosts(cluster.HostCount), options), cost, TroubleOf(step)));
        }
    }

    /// <summary>With the events of a held rate, as they came in the span that the CPU was read for.</summary>
    public static Size SizeAt(Size size, StepResult step, int perSecond, int interestedHosts, ScaleOptions options)
    {
        var events = perSecond * options.Span.TotalSeconds / step.Seconds;
        return size with { Events = events, HostEvents = events * interestedHosts, Deliveries = step.Delivered / step.Seconds };
    }

    public static string? TroubleOf(StepResult step)
        => step.Refused == 0 && step.Reconnects == 0 && step.Delivered == step.Expected
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"{step.Refused} refused, {step.Reconnects} reconnects, {step.Delivered} of {step.Expected} delivered");

    private static string NameOf(ClinicKind kind, int perSecond)
        => kind.Users == 0
            ? string.Create(CultureInfo.InvariantCulture, $"{perSecond} events/s, nobody receives")
            : string.Create(CultureInfo.InvariantCulture, $"{perSecond} events/s, {kind.Users} receivers {(kind.AreTogether ? "on one host" : "on all hosts")}");

    private static string Count(int number, string what) => string.Create(CultureInfo.InvariantCulture, $"{number} {what}{(number == 1 ? "" : "s")}");

    // The host that takes a publish changes with each event, the clinic after all hosts had one of it.
    private EventPublisher PublisherTo(ScaleCluster cluster, ClinicKind kind)
        => cluster.NewPublisher(number => ClinicOf(kind.Name, number / cluster.HostCount % kind.Clinics));
}
