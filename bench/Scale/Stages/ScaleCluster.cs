using System.Globalization;
using System.Text.RegularExpressions;
using Clinic.Load.Events;
using Clinic.Load.Measures;
using Clinic.Peers;
using Clinic.Peers.Results;
using Clinic.Peers.Servers;
using Clinic.Peers.Wire;
using Clinic.Peers.Workloads;
using Clinic.Scale.Points;

namespace Clinic.Scale.Stages;

/// <summary>A cluster of some size, started for a stage: who signs in to it, and what it is busy with and has.</summary>
internal sealed partial class ScaleCluster : IAsyncDisposable
{
    private const double Megabyte = 1024 * 1024;
    private const double ConnectRate = 2000;

    /// <summary>People who are on their way in at a time: as fast as the servers take them, and no faster.</summary>
    private const int MostAtOnce = 24;

    private static readonly TimeSpan BeforeSpan = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2);

    private readonly ScaleOptions _options;
    private readonly HttpClient _http;
    private readonly CancellationToken _cancellation;
    private readonly ClinicClusterPeer _peer;
    private readonly EventMeter _meter = new();
    private readonly List<Crowd> _crowds = [];

    public ScaleCluster(ScaleOptions options, int silos, int hosts, HttpClient http, CancellationToken cancellation)
    {
        (_options, _http, _cancellation, SiloCount, HostCount) = (options, http, cancellation, silos, hosts);
        string[] set = ["--silos", Text(silos), "--hosts", Text(hosts), "--server-core", Text(options.ServerCore)];
        _peer = new ClinicClusterPeer(PeerOptions.Parse(set, out var mistake) ?? throw new InvalidOperationException(mistake));
    }

    public int SiloCount { get; }

    public int HostCount { get; }

    public IReadOnlyList<Uri> Hosts => _peer.Hosts;

    public Task StartAsync() => _peer.StartAsync(_http, _cancellation);

    /// <summary>Users who stay until the cluster is stopped, if they are not sent away before.</summary>
    public async Task<Crowd> SignInAsync(IEnumerable<CrowdUser> users)
    {
        var crowd = await Crowd.SignInAsync(_peer, [.. users], ConnectRate, MostAtOnce, _meter, _http, _cancellation);
        _crowds.Add(crowd);
        return crowd;
    }

    /// <summary>Joins each of them to one topic more.</summary>
    public Task JoinAlsoAsync(Crowd crowd, Func<int, string> topic) => crowd.JoinAlsoAsync(topic, MostAtOnce, _cancellation);

    public Task SettleAsync(Crowd crowd) => crowd.SettleAsync(Quiet, _cancellation);

    public EventPublisher NewPublisher(Func<int, string> clinic) => new(_http, _peer.Hosts, clinic);

    /// <summary>Publishes for a while, until .NET has compiled for good what often runs.</summary>
    public Task WarmAsync(double perSecond, int receivers, TimeSpan most, Crowd crowd, EventPublisher publisher)
        => new WarmUp(_peer, _meter).HoldAsync(
            perSecond, receivers, _options.LeastWarmup, most, crowd, publisher.Publish, () => publisher.Refused, _cancellation);

    /// <summary>Holds a rate of events that go to so many connections each.</summary>
    public async Task<(StepResult Step, Cost Cost)> HoldAsync(double perSecond, int receivers, Crowd crowd, EventPublisher publisher)
    {
        var step = await new Stepper(_peer, _meter).HoldAsync(
            perSecond, receivers, BeforeSpan, _options.Span, crowd, publisher.Publish, () => publisher.Refused, _cancellation);
        return (step, CostOf(step.Processes, step.Seconds));
    }

    /// <summary>What it costs while nothing happens.</summary>
    public async Task<Cost> IdleAsync()
    {
        var began = MonotonicClock.Now;
        var before = Cpu();
        // The span that is measured: nothing happens in it but what processes do of themselves.
        await Task.Delay(_options.Idle, _cancellation);
        var seconds = MonotonicClock.Seconds(MonotonicClock.Now - began);
        return CostOf(Cpu().ToDictionary(pair => pair.Key, pair => pair.Value - before[pair.Key]), seconds);
    }

    /// <summary>Waits until .NET compiles no more, but not for long.</summary>
    public async Task CompiledAsync(TimeSpan most)
    {
        const double Compiles = 0.03;
        var watch = new CompilationWatch(_peer);
        var giveUp = MonotonicClock.Now + MonotonicClock.Ticks(most);
        do
        {
            // The span over which the compiling threads' CPU is read.
            await Task.Delay(Quiet, _cancellation);
        }
        while (watch.Cores() > Compiles && MonotonicClock.Now < giveUp);
    }

    /// <summary>Collects all garbage and says what memory is resident then.</summary>
    public async Task<(double SiloMegabytes, double HostMegabytes)> MemoryAsync()
    {
        await _peer.CollectAsync(_cancellation);
        return (Megabytes("silo"), Megabytes("host"));
    }

    /// <summary>Topics that are active on silos and attached to hosts, as the processes themselves count: a silo keeps one that nobody needs any more for a while.</summary>
    public async Task<(double Silos, double Hosts)> TopicsAsync()
        => (await SumAsync(_peer.Silos, ActiveTopics()), await SumAsync(_peer.Hosts, AttachedTopics()));

    public async ValueTask DisposeAsync()
    {
        foreach (var crowd in _crowds)
        {
            crowd.Abandon();
            await crowd.DisposeAsync();
        }

        await _peer.DisposeAsync();
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private Dictionary<string, double> Cpu()
        => _peer.Processes.ToDictionary(process => process.Name, process => ProcessCpu.Seconds(process.Pid) ?? 0);

    private static Cost CostOf(IReadOnlyDictionary<string, double> spent, double seconds)
    {
        return new Cost(Cores("silo"), Cores("host"), Cores("postgres"));

        double Cores(string kind) => spent.Where(pair => pair.Key.StartsWith(kind, StringComparison.Ordinal)).Sum(pair => pair.Value) / seconds;
    }

    private double Megabytes(string kind)
        => _peer.Processes.Where(process => process.Name.StartsWith(kind, StringComparison.Ordinal)).Sum(process => ProcessMemory.Resident(process.Pid)) / Megabyte;

    private async Task<double> SumAsync(IEnumerable<Uri> processes, Regex metric)
    {
        var sum = 0.0;
        foreach (var process in processes)
        {
            var shown = await _http.GetStringAsync(new Uri(process, "/metrics"), _cancellation);
            sum += metric.Matches(shown).Sum(match => double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture));
        }

        return sum;
    }

    [GeneratedRegex(@"^clinic_topics_topic_count(?:\{.*?\})? ([0-9.eE+-]+)", RegexOptions.Multiline)]
    private static partial Regex ActiveTopics();

    [GeneratedRegex(@"^clinic_relay_topic_count(?:\{.*?\})? ([0-9.eE+-]+)", RegexOptions.Multiline)]
    private static partial Regex AttachedTopics();
}
