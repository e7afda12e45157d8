using System.Globalization;
using Clinic.Load.Clients;
using Clinic.Load.Events;
using Clinic.Load.Servers;
using Clinic.Load;

namespace Clinic.Faults;

/// <summary>All silos are gone for 20 s: record writes must be answered as ever, and their events arrive once, in order, when silos are back.</summary>
internal static class SilosDrill
{
    private const int Silos = 3;

    /// <summary>The slowest 1 % may take this much longer than with silos: the 200 ms that a chart write asks who else looks, and noise.</summary>
    private const double MostMsMore = 500;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Before = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Gone = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan After = TimeSpan.FromSeconds(15);

    public static async Task RunAsync(FaultOptions options, LocalCluster cluster, TimeProvider time, FaultReport report)
    {
        await cluster.StartFreshAsync(options.ClusterOptions);
        var tenant = string.Create(CultureInfo.InvariantCulture, $"silos-{options.Seed}");
        var next = 0;
        Uri Host() => cluster.Hosts[(Interlocked.Increment(ref next) & int.MaxValue) % cluster.Hosts.Count];
        string[] readers = ["ann", "ben", "cid", "dan"];
        using var writers = new RecordWriters(tenant, readers, Host);
        using var http = LoadRun.NewHttp();
        using var stopWriting = new CancellationTokenSource();
        using var stopWatching = new CancellationTokenSource();
        try
        {
            await writers.PrepareAsync(time);
            var tokens = new TokenSource(http, cluster.Hosts[0], null, time);
            var watchers = new List<RecordWatcher>();
            foreach (var reader in readers)
            {
                var host = cluster.Hosts[watchers.Count % cluster.Hosts.Count];
                var token = await tokens.TokenAsync(tenant, reader, CancellationToken.None);
                watchers.Add(new RecordWatcher(reader, token, () => host, RecordJudge.Topics(writers.Thread)));
            }

            var watching = Task.WhenAll(watchers.Select(watcher => watcher.RunAsync(stopWatching.Token)));
            await Task.WhenAll(watchers.Select(watcher => watcher.Subscribed)).WaitAsync(TimeSpan.FromSeconds(30));
            var writing = writers.RunAsync(options.Writes, stopWriting.Token);
            // What the first writes pay for, the compiler and the pools, is nobody's measure.
            await Task.Delay(WarmUp);

            var started = MonotonicClock.Now;
            await Task.Delay(Before);
            var killing = MonotonicClock.Now;
            await Task.WhenAll(Enumerable.Range(1, Silos).Select(silo => cluster.RunAsync("kill", "silo", Text(silo))));
            var gone = MonotonicClock.Now;
            await Task.Delay(Gone);
            var restarting = MonotonicClock.Now;
            await Task.WhenAll(Enumerable.Range(1, Silos).Select(silo => cluster.RunAsync("restart", "silo", Text(silo))));
            var back = MonotonicClock.Now;
            await Task.Delay(After);
            await stopWriting.CancelAsync();
            await writing;
            var judge = new RecordJudge(writers, watchers);
            var settled = await judge.SettleAsync(TimeSpan.FromSeconds(60));
            report.Figures["last event after the last answer s"] = settled is { } after ? after : "not within 60";
            report.Figures["connections of watchers"] = watchers.Sum(watcher => watcher.Connections);
            await stopWatching.CancelAsync();
            await watching;
            await judge.JudgeAsync(report);

            var with = Measure(writers, started, killing, "with silos", report);
            var without = Measure(writers, killing, restarting, "without silos", report);
            Measure(writers, restarting, back, "silos starting", report);
            Measure(writers, back, long.MaxValue, "silos back", report);
            report.Figures["seconds without silos"] = Math.Round(MonotonicClock.Seconds(restarting - gone), 1);
            report.Refused = writers.Refusals.GroupBy(refusal => refusal.What).ToDictionary(group => group.Key, group => group.LongCount());
            var refused = writers.Refusals.Count(refusal => refusal.At >= started);
            report.Figures["tries that met a failure while it warmed up"] = writers.Refusals.Count - refused;
            report.Require(refused == 0, $"{refused} tries of a write met a failure");
            report.Require(without <= with + MostMsMore, $"p99 of a write rose from {with} to {without} ms without silos");
        }
        finally
        {
            await stopWriting.CancelAsync();
            await stopWatching.CancelAsync();
        }
    }

    /// <summary>Adds p50, p99 and the longest of the writes that began in a span, of all and of chart writes alone.</summary>
    /// <returns>The p99 of all.</returns>
    private static double Measure(RecordWriters writers, long from, long until, string span, FaultReport report)
    {
        var writes = writers.Answered.Where(write => write.Started >= from && write.Started < until).ToList();
        var all = Sorted(writes);
        var charts = Sorted(writes.Where(write => write.Kind == RecordKind.Vitals));
        report.Figures[$"{span}: writes"] = all.Count;
        report.Figures[$"{span}: write ms p50, p99, max"] = $"{At(all, 0.5)}, {At(all, 0.99)}, {At(all, 1)}";
        report.Figures[$"{span}: chart write ms p50, p99, max"] = $"{At(charts, 0.5)}, {At(charts, 0.99)}, {At(charts, 1)}";
        return At(all, 0.99);

        static List<double> Sorted(IEnumerable<AnsweredWrite> writes) =>
            [.. writes.Select(write => MonotonicClock.Seconds(write.Answered - write.Started) * 1000).Order()];

        static double At(List<double> sorted, double part) =>
            sorted.Count == 0 ? 0 : Math.Round(sorted[(int)Math.Ceiling(part * sorted.Count) - 1], 1);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
