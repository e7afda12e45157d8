using Clinic.Load.Events;
using Clinic.Load.Servers;

namespace Clinic.Faults;

/// <summary>The database goes down hard under load and comes back 20 s later; nobody restarts anything else.</summary>
internal static class PostgresDrill
{
    public static async Task RunAsync(FaultOptions options, LocalCluster cluster, TimeProvider time, FaultReport report)
    {
        await cluster.StartFreshAsync(options.ClusterOptions);
        var before = await cluster.RunAsync("pids");
        using var load = new FaultLoad(options, cluster.Hosts, TimeSpan.FromSeconds(80), time);
        await load.ConnectAsync();
        await load.UntilAsync(0);
        var publishing = load.PublishAsync();

        load.Fault("no fault");
        await load.UntilAsync(20);
        load.Fault("PostgreSQL stopped");
        await cluster.RunAsync("postgres", "stop");
        await load.UntilAsync(40);
        await cluster.RunAsync("postgres", "start");
        load.Fault("PostgreSQL started again");
        var started = MonotonicClock.Now;
        await publishing;
        await load.FinishAsync(report);

        var healed = load.HealedAfter(started);
        report.Figures["every topic published to again after s"] = healed is { } after ? after : "never";
        report.Require(healed is not null, "a topic could not be published to after the database came back");
        report.Require(report.Refused.Count > 0, "no publish was refused although the database was down: the drill drilled nothing");
        report.Require(
            !report.Refused.Keys.Any(refusal => refusal.StartsWith("500", StringComparison.Ordinal) || refusal.Contains("without code", StringComparison.Ordinal)),
            "a publisher got an unclear error");
        report.Require(Processes(before) == Processes(await cluster.RunAsync("pids")), "a process ended and was not the same afterwards");
        await load.StopAsync();
    }

    private static string Processes(string pids)
        => string.Join(' ', pids.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(option => !option.StartsWith("postgres", StringComparison.Ordinal)));
}
