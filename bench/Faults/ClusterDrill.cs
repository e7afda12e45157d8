using Clinic.Load.Events;
using Clinic.Load.Servers;

namespace Clinic.Faults;

/// <summary>Two minutes of load in which a silo is killed, another hangs and comes back, and a host is killed.</summary>
internal static class ClusterDrill
{
    private const int StayAway = 10;

    public static async Task RunAsync(FaultOptions options, LocalCluster cluster, TimeProvider time, FaultReport report)
    {
        await cluster.StartFreshAsync(options.ClusterOptions);
        using var load = new FaultLoad(options, cluster.Hosts, TimeSpan.FromSeconds(120), time);
        await load.ConnectAsync();
        await load.UntilAsync(0);
        var publishing = load.PublishAsync();

        load.Fault("no fault");
        await load.UntilAsync(20);
        load.Fault("silo 2 killed");
        await cluster.RunAsync("kill", "silo", "2");
        await load.UntilAsync(40);
        load.Fault("silo 2 started again");
        await cluster.RunAsync("restart", "silo", "2");
        await load.UntilAsync(55);
        load.Fault("silo 3 hangs");
        await cluster.RunAsync("hang", "silo", "3");
        await load.UntilAsync(75);
        load.Fault("silo 3 continues");
        await cluster.RunAsync("continue", "silo", "3");
        await load.UntilAsync(83);
        var survived = await cluster.IsReadyAsync("silo", 3);
        report.Figures["silo 3 after its hang"] = survived ? "went on" : "had ended, started again";
        if (!survived)
        {
            await cluster.RunAsync("restart", "silo", "3");
        }

        await load.UntilAsync(95);
        var second = cluster.Hosts[1];
        var away = load.Clients.Where(client => client.Host == second).Take(StayAway).ToList();
        away.ForEach(client => client.StaysAway = true);
        load.Fault("host 2 killed");
        var killed = MonotonicClock.Now;
        await cluster.RunAsync("kill", "host", "2");
        await publishing;

        var watchers = load.Watchers.Where(watcher => watcher.IsConnected).ToList();
        var gone = load.Judge.AllGoneAfter(watchers, [.. away.Select(client => client.Place.Number)], killed);
        report.Figures["dead host's users gone after s"] = gone is { } after ? after : "not within the drill";
        report.Require(away.Count == StayAway, $"only {away.Count} users were on host 2");
        report.Require(gone is <= 10, "the dead host's users were not gone within 10 s");
        await load.FinishAsync(report);
        await load.StopAsync();
    }
}
