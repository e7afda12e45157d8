using System.Globalization;
using Clinic.Load;
using Clinic.Load.Clients;
using Clinic.Load.Events;
using Clinic.Load.Measures;
using Clinic.Load.Servers;
using Clinic.Soak.Life;
using Clinic.Soak.Results;
using Clinic.Soak.Sampling;

namespace Clinic.Soak;

/// <summary>Clinics with a steady stream of events and people who come and go, for as long as it takes to see what grows.</summary>
internal static class SoakRun
{
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(30);

    public static async Task<SoakReport> RunAsync(SoakOptions options, LocalCluster cluster, string command, TimeProvider time)
    {
        await cluster.StartFreshAsync(options.ClusterOptions);
        var run = Random.Shared.Next(1, 1_000_000_000);
        var clinics = Enumerable.Range(0, options.Clinics).Select(number => new SoakClinic(run, number, options.Charts)).ToList();
        var topics = clinics.SelectMany(clinic => clinic.Topics).ToList();
        var log = new DeliveryLog(run);
        var strays = new StrayEvents();
        var tally = new ReadingTally();
        using var http = LoadRun.NewHttp();
        var tokens = new TokenSource(http, cluster.Hosts[0], null, time);
        var serviceKey = Environment.GetEnvironmentVariable("Auth__ServiceKeys__0") ?? "development-service-key";
        var publisher = new Publisher(http, cluster.Hosts, serviceKey, topics, run, 300) { RetryFor = TimeSpan.FromSeconds(60) };
        var published = new PublishLog();
        var visitors = Enumerable.Range(0, options.Visitors)
            .Select(number => new ChartVisitor(number, clinics[number % clinics.Count], cluster.Hosts, tokens)).ToList();

        var start = MonotonicClock.Now + MonotonicClock.Ticks(TimeSpan.FromMilliseconds(200));
        var until = start + MonotonicClock.Ticks(options.Warmup + options.Length);
        log.Measure(start + MonotonicClock.Ticks(options.Warmup), until);
        var sampler = new Sampler(await cluster.ProcessesAsync(), await cluster.DatabaseAsync(options.PostgresPort));
        using var over = new CancellationTokenSource();
        var sampling = sampler.RunAsync(start, over.Token);
        var drained = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var places = Enumerable.Range(0, options.Readers)
            .Select(number => new ReaderPlace(number, clinics[number % clinics.Count], cluster.Hosts, tokens, log, strays, tally)).ToList();
        var readers = places.Select(place => place.RunAsync(until, drained.Task)).ToList();
        var visits = visitors.Select(visitor => visitor.RunAsync(until)).ToList();
        await publisher.RunAsync(start, until, options.Rate, published, CancellationToken.None);
        await over.CancelAsync();
        await sampling;
        await Task.WhenAll(visits);
        await LoadRun.DrainAsync(publisher, [.. places.Select(place => place.Client).OfType<ClinicClient>()], DrainLimit, CancellationToken.None);
        drained.SetResult();
        await Task.WhenAll(readers);

        var latency = Percentiles.Of(log.Latency);
        return new SoakReport(
            time.GetUtcNow(),
            command,
            Machine.Here(),
            options.Warmup.TotalMinutes,
            new Dictionary<string, object>
            {
                ["events published, acknowledged"] = Text($"{published.Published}, {published.Acknowledged}"),
                ["readers' visits"] = tally.Visits,
                ["deliveries"] = tally.Delivered,
                ["delivery ms p50, p99, max"] = Text($"{latency.P50:0.0}, {latency.P99:0.0}, {latency.Max:0}"),
                ["lost, repeated, swapped, differing, contradictions, strays"] =
                    Text($"{tally.Lost}, {tally.Repeated}, {tally.Swapped}, {topics.Sum(topic => topic.Differing())}, {tally.Contradictions}, {strays.Count}"),
                ["told to reload"] = tally.ToldToReload,
                ["charts opened, edited, closed"] = visitors.Sum(visitor => visitor.Visits),
                ["calls refused or failed"] = Said(visitors.SelectMany(visitor => visitor.Failures).Concat(published.Refused)),
            },
            [.. Wrong(published, tally, topics, strays)],
            [.. Growths(sampler.Samples, options.Warmup)],
            sampler.Samples);
    }

    private static IEnumerable<string> Wrong(PublishLog published, ReadingTally tally, List<TopicLedger> topics, StrayEvents strays)
    {
        (string What, long Count)[] all =
        [
            ("events given up", published.Abandoned), ("lost", tally.Lost), ("repeated", tally.Repeated), ("swapped", tally.Swapped),
            ("differing", topics.Sum(topic => topic.Differing())), ("contradictions", tally.Contradictions), ("strays", strays.Count), ("readers refused", tally.Refused),
        ];
        return all.Where(one => one.Count > 0).Select(one => Text($"{one.Count} {one.What}"));
    }

    private static IEnumerable<Growth> Growths(IReadOnlyList<Sample> samples, TimeSpan warmup)
    {
        var flat = samples.Where(sample => sample.Seconds >= warmup.TotalSeconds).ToList();
        return Measure.All.SelectMany(measure => flat.SelectMany(measure.Of).GroupBy(pair => pair.Key, pair => pair.Value)
            .OrderByDescending(group => group.Max())
            .Select(group => Growth.Of(measure.What, group.Key, [.. group], measure.Least)));
    }

    private static string Said(IEnumerable<KeyValuePair<string, long>> failures)
    {
        var said = failures.GroupBy(pair => pair.Key).Select(group => Text($"{group.Sum(pair => pair.Value)} x {group.Key}")).ToList();
        return said.Count == 0 ? "none" : string.Join("; ", said);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
