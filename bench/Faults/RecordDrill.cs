using System.Globalization;
using Clinic.Load;
using Clinic.Load.Clients;
using Clinic.Load.Events;

namespace Clinic.Faults;

/// <summary>
/// One process, killed again and again at random moments, also while it starts, under record writes with retries: every write that was
/// answered is stored once and its events arrive once.
/// </summary>
internal static class RecordDrill
{
    /// <summary>Of so many kills one hits a process that is still starting.</summary>
    private const int KillsPerStart = 5;

    private static readonly TimeSpan LongestLife = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RecoveryLimit = TimeSpan.FromSeconds(60);

    public static async Task RunAsync(FaultOptions options, string root, TimeProvider time, FaultReport report)
    {
        var folder = Directory.CreateTempSubdirectory("clinic-records-");
        var api = new EmbeddedApi(await EmbeddedApi.BuildAsync(root), folder.FullName, "no-backend-here");
        var tenant = string.Create(CultureInfo.InvariantCulture, $"records-{options.Seed}");
        string[] readers = ["ann", "ben", "cid"];
        using var writers = new RecordWriters(tenant, readers, () => api.Address);
        using var http = LoadRun.NewHttp();
        using var stopWriting = new CancellationTokenSource();
        using var stopWatching = new CancellationTokenSource();
        report.Figures["seed"] = options.Seed;
        try
        {
            await api.StartAsync();
            await writers.PrepareAsync(time);
            var tokens = new TokenSource(http, api.Address, null, time);
            var watchers = new List<RecordWatcher>();
            foreach (var reader in readers)
            {
                var token = await tokens.TokenAsync(tenant, reader, CancellationToken.None);
                watchers.Add(new RecordWatcher(reader, token, () => api.Address, RecordJudge.Topics(writers.Thread)));
            }

            var watching = Task.WhenAll(watchers.Select(watcher => watcher.RunAsync(stopWatching.Token)));
            await Task.WhenAll(watchers.Select(watcher => watcher.Subscribed)).WaitAsync(RecoveryLimit);
            var writing = writers.RunAsync(options.Writes, stopWriting.Token);

            await KillAsync(options, api, writers, watchers, report);

            await stopWriting.CancelAsync();
            await writing;
            var judge = new RecordJudge(writers, watchers);
            var settled = await judge.SettleAsync(TimeSpan.FromSeconds(60));
            report.Figures["last event after the last answer s"] = settled is { } after ? after : "not within 60";
            await stopWatching.CancelAsync();
            await watching;
            await judge.JudgeAsync(report);
            Describe(writers, watchers, report);
        }
        finally
        {
            await stopWriting.CancelAsync();
            await stopWatching.CancelAsync();
            await api.StopAsync("KILL");
            folder.Delete(recursive: true);
        }
    }

    private static async Task KillAsync(
        FaultOptions options, EmbeddedApi api, RecordWriters writers, List<RecordWatcher> watchers, FaultReport report)
    {
        var random = new Random(options.Seed);
        var (starting, recoveries) = (0, new List<double>());
        for (var kill = 1; kill <= options.Kills; kill++)
        {
            await Task.Delay(LongestLife * random.NextDouble());
            var killed = MonotonicClock.Now;
            await api.StopAsync("KILL");
            api.Launch();
            while (kill < options.Kills && random.Next(KillsPerStart) == 0)
            {
                await Task.Delay(LongestStart * random.NextDouble());
                await api.StopAsync("KILL");
                api.Launch();
                starting++;
                kill++;
            }

            await api.ReadyAsync();
            var ready = MonotonicClock.Now;
            while (writers.LastAnswer < ready || watchers.Any(watcher => watcher.BackAt < killed))
            {
                if (MonotonicClock.Now - ready > MonotonicClock.Ticks(RecoveryLimit))
                {
                    throw new TimeoutException($"after kill {kill} not everybody was back within {RecoveryLimit.TotalSeconds} s of the start");
                }

                await Task.Delay(20);
            }

            recoveries.Add(MonotonicClock.Seconds(MonotonicClock.Now - killed));
            await Console.Error.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"kill {kill}: ready after {MonotonicClock.Seconds(ready - killed):0.0} s, everybody back after {recoveries[^1]:0.0} s, {writers.Answered.Count} writes answered"));
        }

        recoveries.Sort();
        report.Figures["kills"] = options.Kills;
        report.Figures["kills of a process that was starting"] = starting;
        report.Figures["recovery s median"] = Math.Round(recoveries[recoveries.Count / 2], 2);
        report.Figures["recovery s longest"] = Math.Round(recoveries[^1], 2);
    }

    private static void Describe(RecordWriters writers, List<RecordWatcher> watchers, FaultReport report)
    {
        var answered = writers.Answered.ToList();
        report.Refused = writers.Refusals.GroupBy(refusal => refusal.What).ToDictionary(group => group.Key, group => group.LongCount());
        report.Figures["writes answered"] = answered.Count;
        report.Figures["writes that took more than one try"] = answered.Count(write => write.Tries > 1);
        report.Figures["retries"] = answered.Sum(write => write.Tries - 1);
        report.Figures["longest write s"] = Math.Round(MonotonicClock.Seconds(answered.Max(write => write.Answered - write.Started)), 2);
        report.Figures["connections of watchers"] = watchers.Sum(watcher => watcher.Connections);
    }
}
