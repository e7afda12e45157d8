using System.Globalization;
using Clinic.Load;
using Clinic.Load.Clients;
using Clinic.Load.Events;
using Clinic.Load.Measures;

namespace Clinic.Faults;

/// <summary>The load under which things are broken: users on two hosts who read several charts and watch who is online, and a publisher that retries.</summary>
internal sealed class FaultLoad : IDisposable
{
    private readonly HttpClient _http = LoadRun.NewHttp();
    private readonly StrayEvents _strays = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly FaultOptions _options;
    private readonly IReadOnlyList<TopicLedger> _topics;
    private readonly DelayLog _delays;
    private readonly PublishLog _published = new();
    private readonly Publisher _publisher;
    private readonly TimeSpan _length;
    private readonly List<(string Name, long At)> _faults = [];

    public FaultLoad(FaultOptions options, IReadOnlyList<Uri> hosts, TimeSpan length, TimeProvider time)
    {
        _options = options;
        _length = length;
        var run = Random.Shared.Next(1, 1_000_000_000);
        var key = Environment.GetEnvironmentVariable("Auth__ServiceKeys__0") ?? "development-service-key";
        string[] arguments =
        [
            "--connections", Text(options.Connections), "--topics", $"patients:{options.Topics}", "--subscriptions", Text(options.Subscriptions),
            "--with-tenant", "--service-key", key, .. hosts.SelectMany(host => new[] { "--url", host.ToString() }),
        ];
        var load = LoadOptions.Parse(arguments, out var mistake);
        if (mistake is not null)
        {
            throw new InvalidOperationException(mistake);
        }

        var plan = new LoadPlan(load, run);
        _topics = plan.Topics();
        _delays = new DelayLog(run, length);
        Judge = new PresenceJudge(options.Connections, Seconds);
        var tokens = new TokenSource(_http, hosts[0], null, time);
        // Everybody on the first host watches: it lives through the whole drill.
        Clients = [.. plan.Clients(_topics, _delays, _strays, number => number % hosts.Count == 0 ? Judge.Watch(number) : null)
            .Select(place => new ClinicClient(place, (hub, token, receiver) => new LeanLink(hub, token, receiver), tokens))];
        _publisher = new Publisher(_http, hosts, key, _topics, run, 300) { RetryFor = TimeSpan.FromSeconds(60) };
    }

    /// <summary>When the first event is due.</summary>
    public long Start { get; private set; }

    public List<ClinicClient> Clients { get; }

    public PresenceJudge Judge { get; }

    public List<ClinicClient> Watchers => [.. Clients.Where(client => client.Place.Presence is not null)];

    public double Seconds(long instant) => MonotonicClock.Seconds(instant - Start);

    /// <summary>Signs everybody in, waits until they see each other, and sets the start of the load.</summary>
    public async Task ConnectAsync()
    {
        await LoadRun.ConnectAsync(Clients, 50, _stop.Token);
        foreach (var watcher in Watchers)
        {
            for (var waited = 0; watcher.Place.Presence!.Present < Clients.Count; waited++)
            {
                if (waited == 100)
                {
                    throw new InvalidOperationException(
                        $"{watcher.Place.User} sees {watcher.Place.Presence.Present} of {Clients.Count} users 10 s after the last signed in");
                }

                await Task.Delay(100);
            }
        }

        Judge.Judge(Clients);
        Start = MonotonicClock.Now + MonotonicClock.Ticks(TimeSpan.FromMilliseconds(500));
        _delays.Begin(Start);
    }

    /// <summary>Publishes for the whole length; wait for the time of a fault with <see cref="UntilAsync"/> meanwhile.</summary>
    public Task PublishAsync()
        => _publisher.RunAsync(Start, Start + MonotonicClock.Ticks(_length), _options.Rate, _published, _stop.Token);

    public async Task UntilAsync(double second)
    {
        var wait = second - Seconds(MonotonicClock.Now);
        if (wait > 0)
        {
            await Task.Delay(TimeSpan.FromSeconds(wait));
        }
    }

    public void Fault(string name) => _faults.Add((name, MonotonicClock.Now));

    /// <summary>When every topic had a successful publish after an instant, in seconds after it; null if one never had.</summary>
    public double? HealedAfter(long instant)
    {
        var first = _published.Successes.Where(success => success.Due >= instant)
            .GroupBy(success => success.Topic).Select(group => group.Min(success => success.At)).ToList();
        return first.Count < _topics.Count ? null : Math.Round(MonotonicClock.Seconds(first.Max() - instant), 3);
    }

    public async Task FinishAsync(FaultReport report)
    {
        await LoadRun.DrainAsync(_publisher, Clients, TimeSpan.FromSeconds(60), _stop.Token);
        var end = Start + MonotonicClock.Ticks(_length);
        for (var index = 0; index < _faults.Count; index++)
        {
            var (name, at) = _faults[index];
            report.Spans.Add(Span(name, at, index + 1 < _faults.Count ? _faults[index + 1].At : end));
        }

        var reading = Clients.Where(client => !client.IsGone).SelectMany(client => client.Place.Subscriptions).ToList();
        var all = Clients.SelectMany(client => client.Place.Subscriptions).ToList();
        var lost = reading.Sum(subscription => subscription.Lost());
        var repeated = all.Sum(subscription => subscription.Repeated);
        var swapped = all.Sum(subscription => subscription.Swapped);
        var differing = _topics.Sum(topic => topic.Differing());
        var contradictions = all.Sum(subscription => subscription.Contradictions);
        var latency = Percentiles.Of(_delays.Latency);
        report.Refused = _published.Refused;
        report.Figures["published"] = _published.Published;
        report.Figures["acknowledged"] = _published.Acknowledged;
        report.Figures["never acknowledged"] = _published.Abandoned;
        report.Figures["retries with the same id"] = _published.Retries;
        report.Figures["deliveries"] = all.Sum(subscription => subscription.Delivered);
        report.Figures["delivery ms p50"] = latency.P50;
        report.Figures["delivery ms p99"] = latency.P99;
        report.Figures["delivery ms max"] = latency.Max;
        report.Figures["lost"] = lost;
        report.Figures["repeated"] = repeated;
        report.Figures["swapped"] = swapped;
        report.Figures["differing"] = differing;
        report.Figures["contradictions"] = contradictions;
        report.Figures["recovered with since"] = all.Sum(subscription => subscription.Recovered);
        report.Figures["told to reload"] = all.Sum(subscription => subscription.ToldToReload);
        report.Figures["resets"] = Clients.Sum(client => client.Resets);
        report.Figures["reconnects"] = Clients.Sum(client => client.Reconnects);
        report.Figures["longest way back of a client s"] = Math.Round(MonotonicClock.Seconds(Clients.Max(client => client.LongestOutage)), 3);
        report.Figures["presence messages"] = Clients.Sum(client => client.PresenceMessages);
        report.Figures["presence gaps"] = Watchers.Sum(watcher => watcher.Place.Presence!.Gaps);
        report.Figures["shown offline while connected"] = Judge.WrongLeaves.Count;
        report.Figures["shown offline while reconnecting"] = Judge.LeavesInReconnect;
        report.Figures["reconnecting sightings"] = Judge.ReconnectingSightings;
        report.Figures["reconnecting sightings of connected users"] = Judge.ReconnectingOfLive;
        report.Require(lost == 0, $"{lost} acknowledged events were lost");
        report.Require(repeated == 0, $"{repeated} events were repeated");
        report.Require(swapped == 0, $"{swapped} events were swapped");
        report.Require(differing == 0, $"{differing} times two had different events at one offset");
        report.Require(contradictions == 0, $"{contradictions} answers or events contradicted the contract");
        report.Require(_strays.Count == 0, $"{_strays.Count} events of topics nobody asked for, first {_strays.FirstTopic}");
        report.Require(_published.Acknowledged > 0, "nothing was acknowledged at all");
        foreach (var client in Clients.Where(client => !client.IsGone && !client.IsConnected))
        {
            report.Violations.Add($"{client.Place.User} is not connected at the end: {client.LastError}");
        }

        report.Violations.AddRange(Clients.Where(client => client.FatalError is not null).Select(client => $"{client.Place.User} was refused: {client.FatalError}"));
        report.Violations.AddRange(Judge.WrongLeaves);
        report.Violations.AddRange(Judge.WrongAtEnd(Watchers));
    }

    public Task StopAsync() => LoadRun.StopAsync(Clients);

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
        _http.Dispose();
    }

    private FaultSpan Span(string name, long from, long until)
    {
        var successes = _published.Successes;
        var slowest = successes.Where(success => success.Due >= from && success.Due < until)
            .Select(success => success.At - success.Due).DefaultIfEmpty().Max();
        var worst = successes.GroupBy(success => success.Topic).Select(topic =>
        {
            // The silence that a fault began counts from the last success before it.
            var times = topic.Select(success => success.At).Order().ToList();
            var longest = 0L;
            for (var index = 1; index < times.Count; index++)
            {
                if (times[index] >= from && times[index - 1] < until)
                {
                    longest = Math.Max(longest, times[index] - times[index - 1]);
                }
            }

            return longest;
        }).DefaultIfEmpty().Max();
        return new FaultSpan(
            name,
            Math.Round(Seconds(from), 1),
            Math.Round(MonotonicClock.Seconds(_published.LongestSilence(from, until).Length), 3),
            Math.Round(MonotonicClock.Seconds(worst), 3),
            Math.Round(MonotonicClock.Seconds(slowest), 3),
            _delays.Longest(from, until));
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
