using Clinic.Scale.Points;

namespace Clinic.Scale.Fitting;

/// <summary>The models of the cluster's cost; docs/scaling.md says why each term is there.</summary>
internal static class CostModels
{
    private const double Kilobytes = 1024;
    private const double Milliseconds = 1e3;
    private const double Microseconds = 1e6;

    public static IReadOnlyList<CostModel> Fit(IReadOnlyList<Point> points) =>
    [
        CostModel.Fit("silos, cores", cost => cost.SiloCores, SiloCores, points),
        CostModel.Fit("hosts, cores", cost => cost.HostCores, HostCores, points),
        CostModel.Fit("database, cores", cost => cost.DatabaseCores, DatabaseCores, points),
        CostModel.Fit("silos, memory", cost => cost.SiloMegabytes, SiloMemory, points),
        CostModel.Fit("hosts, memory", cost => cost.HostMegabytes, HostMemory, points),
    ];

    public static Cost Predict(IReadOnlyList<CostModel> models, Size size)
        => new(models[0].Predict(size), models[1].Predict(size), models[2].Predict(size), models[3].Predict(size), models[4].Predict(size));

    private static IReadOnlyList<Term> SiloCores =>
    [
        new("silo", "ms/s", Milliseconds, size => size.Silos),
        new("pair of silo and host", "ms/s", Milliseconds, size => size.Silos * size.Hosts),
        new("active topic", "us/s", Microseconds, size => size.SiloTopics),
        new("event", "ms", Milliseconds, size => size.Events),
        new("event and interested host", "ms", Milliseconds, size => size.HostEvents),
        new("call from silo to silo", "ms", Milliseconds, CallsBetweenSilos),
    ];

    private static IReadOnlyList<Term> HostCores =>
    [
        new("host", "ms/s", Milliseconds, size => size.Hosts),
        new("pair of silo and host", "ms/s", Milliseconds, size => size.Silos * size.Hosts),
        new("connection", "us/s", Microseconds, size => size.Connections),
        new("attached topic", "us/s", Microseconds, size => size.HostTopics),
        new("publish", "ms", Milliseconds, size => size.Events),
        new("event and interested host", "ms", Milliseconds, size => size.HostEvents),
        new("delivery", "us", Microseconds, size => size.Deliveries),
    ];

    private static IReadOnlyList<Term> DatabaseCores =>
    [
        new("database", "ms/s", Milliseconds, _ => 1),
        new("silo or host", "ms/s", Milliseconds, size => size.Silos + size.Hosts),
        new("event", "ms", Milliseconds, size => size.Events),
    ];

    private static IReadOnlyList<Term> SiloMemory =>
    [
        new("silo", "MB", 1, size => size.Silos),
        new("active topic", "KB", Kilobytes, size => size.SiloTopics),
        new("user shown", "KB", Kilobytes, size => size.Shown),
    ];

    private static IReadOnlyList<Term> HostMemory =>
    [
        new("host", "MB", 1, size => size.Hosts),
        new("connection", "KB", Kilobytes, size => size.Connections),
        new("attached topic", "KB", Kilobytes, size => size.HostTopics),
        new("user shown", "KB", Kilobytes, size => size.HostShown),
    ];

    /// <summary>A publish comes to the silo that is the host's gateway for the topic, and goes on to the topic's silo: all but one in <c>Silos</c> to another.</summary>
    private static double CallsBetweenSilos(Size size) => size.Events * (1 - (1.0 / size.Silos));
}
