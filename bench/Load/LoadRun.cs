using System.Net;
using Clinic.Load.Clients;
using Clinic.Load.Events;
using Clinic.Load.Measures;

namespace Clinic.Load;

/// <summary>One run from the first connection to the report.</summary>
internal sealed class LoadRun(LoadOptions options, TimeProvider time, string command) : IDisposable
{
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(60);

    private readonly int _run = Random.Shared.Next(1, 1_000_000_000);
    private readonly HttpClient _http = NewHttp();
    private readonly StrayEvents _strays = new();

    public static HttpClient NewHttp() => new(new SocketsHttpHandler
    {
        MaxConnectionsPerServer = 512,
        AutomaticDecompression = DecompressionMethods.None,
        ConnectTimeout = TimeSpan.FromSeconds(3),
    })
    { Timeout = TimeSpan.FromSeconds(15) };

    public async Task<LoadReport> RunAsync(CancellationToken cancellation)
    {
        var plan = new LoadPlan(options, _run);
        var topics = plan.Topics();
        var log = new DeliveryLog(_run);
        var tokens = new TokenSource(_http, options.Urls[0], options.SigningKey, time);
        await plan.CreateThreadsAsync(_http, cancellation);
        var walk = new PresenceWalk(options, plan, tokens);
        var clients = plan.Clients(topics, log, _strays, client => options.Walkers > 0 ? walk.ViewOf(client) : options.SigninBurst is null ? null : new PresenceView("tenant", options.Connections))
            .Select(place => new ClinicClient(place, NewLink, tokens)).ToList();
        var publisher = new Publisher(_http, options.Urls, options.ServiceKey, topics, _run, options.Payload);
        var published = new PublishLog();
        var signins = new SigninWatch(clients, options.Tenants);

        long from, until;
        Task publishing;
        var walking = Task.CompletedTask;
        Dictionary<string, double?> before;
        double generatorBefore;
        if (options.SigninBurst is { } burst)
        {
            from = MonotonicClock.Now + MonotonicClock.Ticks(TimeSpan.FromMilliseconds(200));
            until = from + MonotonicClock.Ticks(options.Duration);
            log.Measure(from, until);
            signins.Arm(from);
            (before, generatorBefore) = Cpu();
            publishing = publisher.RunAsync(from, until, options.Rate, published, cancellation);
            await ConnectAsync(clients, options.Connections / burst.TotalSeconds, cancellation);
        }
        else
        {
            await ConnectAsync(clients, options.ConnectRate, cancellation);
            var start = MonotonicClock.Now + MonotonicClock.Ticks(TimeSpan.FromMilliseconds(200));
            from = start + MonotonicClock.Ticks(options.Warmup);
            until = from + MonotonicClock.Ticks(options.Duration);
            log.Measure(from, until);
            await publisher.RunAsync(start, from, options.Rate, new PublishLog(), cancellation);
            publishing = publisher.RunAsync(from, until, options.Rate, published, cancellation);
            walking = walk.RunAsync(until, cancellation);
            (before, generatorBefore) = Cpu();
        }

        await publishing;
        await walking;
        await DrainAsync(publisher, clients, DrainLimit, cancellation);
        var (after, generatorAfter) = Cpu();
        var report = Report(clients, topics, log, published, signins, walk, (from, until), before, after, generatorAfter - generatorBefore);
        await StopAsync(clients);
        return report;
    }

    public void Dispose() => _http.Dispose();

    private HubLink NewLink(Uri hub, string token, ILinkReceiver receiver)
        => options.OfficialClient ? new OfficialLink(hub, token, options.MessagePack, receiver) : new LeanLink(hub, token, receiver);

    public static async Task ConnectAsync(List<ClinicClient> clients, double perSecond, CancellationToken cancellation)
    {
        var start = MonotonicClock.Now;
        for (var index = 0; index < clients.Count; index++)
        {
            var due = start + (long)(index * MonotonicClock.Ticks(TimeSpan.FromSeconds(1)) / perSecond);
            var wait = MonotonicClock.Seconds(due - MonotonicClock.Now);
            if (wait > 0.001)
            {
                await Task.Delay(TimeSpan.FromSeconds(wait), cancellation);
            }

            _ = clients[index].RunAsync();
        }

        try
        {
            await Task.WhenAll(clients.Select(client => client.Ready)).WaitAsync(ConnectLimit, cancellation);
        }
        catch (TimeoutException)
        {
            var missing = clients.Where(client => !client.Ready.IsCompleted).ToList();
            throw new InvalidOperationException(
                $"{missing.Count} of {clients.Count} clients were not subscribed after {ConnectLimit.TotalSeconds:0} s; the last error of one: {missing[0].LastError}");
        }
    }

    public static async Task DrainAsync(Publisher publisher, List<ClinicClient> clients, TimeSpan limit, CancellationToken cancellation)
    {
        var giveUp = MonotonicClock.Now + MonotonicClock.Ticks(limit);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (MonotonicClock.Now < giveUp
            && (publisher.UnderWay > 0 || clients.Any(client => !client.IsGone && client.Place.Subscriptions.Any(subscription => !subscription.IsComplete))))
        {
            await timer.WaitForNextTickAsync(cancellation);
        }
    }

    public static Task StopAsync(List<ClinicClient> clients)
        => Parallel.ForEachAsync(clients, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (client, _) => await client.StopAsync());

    private (Dictionary<string, double?> Servers, double Generator) Cpu()
        => (options.Pids.ToDictionary(pair => pair.Key, pair => ProcessCpu.Seconds(pair.Value)), ProcessCpu.Seconds(Environment.ProcessId) ?? 0);

    private LoadReport Report(
        List<ClinicClient> clients,
        IReadOnlyList<TopicLedger> topics,
        DeliveryLog log,
        PublishLog published,
        SigninWatch signins,
        PresenceWalk walk,
        (long From, long Until) span,
        Dictionary<string, double?> before,
        Dictionary<string, double?> after,
        double generatorSeconds)
    {
        var subscriptions = clients.SelectMany(client => client.Place.Subscriptions).ToList();
        var seconds = MonotonicClock.Seconds(span.Until - span.From);
        var spent = before.Where(pair => pair.Value is not null && after[pair.Key] is not null)
            .ToDictionary(pair => pair.Key, pair => after[pair.Key]!.Value - pair.Value!.Value);
        var servers = spent.Where(pair => !pair.Key.StartsWith("postgres", StringComparison.Ordinal)).ToList();
        return new LoadReport
        {
            Date = time.GetUtcNow(),
            Command = command,
            Machine = Machine.Here(),
            Seconds = seconds,
            Connections = clients.Count,
            ConnectedAtEnd = clients.Count(client => client.IsConnected),
            FailedClients = clients.Count(client => client.FatalError is not null),
            ClientError = clients.Select(client => client.FatalError ?? client.LastError).FirstOrDefault(error => error is not null),
            Published = published.Published,
            Acknowledged = published.Acknowledged,
            Refused = published.Refused,
            LongestSilenceSeconds = MonotonicClock.Seconds(published.LongestSilence(span.From, span.Until).Length),
            PublishMs = Percentiles.Of(published.Latency),
            Deliveries = log.Deliveries,
            DeliveriesPerSecond = log.Deliveries / seconds,
            DeliveryMs = Percentiles.Of(log.Latency),
            Lost = subscriptions.Sum(subscription => subscription.Lost()),
            Repeated = subscriptions.Sum(subscription => subscription.Repeated),
            Swapped = subscriptions.Sum(subscription => subscription.Swapped),
            Differing = topics.Sum(topic => topic.Differing()),
            Contradictions = subscriptions.Sum(subscription => subscription.Contradictions),
            Strays = _strays.Count,
            Early = subscriptions.Sum(subscription => subscription.Early),
            Recovered = subscriptions.Sum(subscription => subscription.Recovered),
            ToldToReload = subscriptions.Sum(subscription => subscription.ToldToReload),
            Resets = clients.Sum(client => (long)client.Resets),
            Reconnects = clients.Sum(client => (long)client.Reconnects),
            Closings = clients.Sum(client => (long)client.Closings),
            PresenceMessages = clients.Sum(client => (long)client.PresenceMessages),
            Signin = options.SigninBurst is null ? null : signins.Report(),
            PresenceSeenMs = options.Walkers == 0 ? null : walk.Seen,
            Processes = spent.ToDictionary(pair => pair.Key, pair => new ProcessShare(Math.Round(pair.Value, 2), PerDelivery(pair.Value))),
            ServerCpuMicrosecondsPerDelivery = servers.Count == 0 ? null : PerDelivery(servers.Sum(pair => pair.Value)),
            GeneratorCores = Math.Round(generatorSeconds / seconds, 2),
        };

        double PerDelivery(double cpu) => log.Deliveries == 0 ? 0 : Math.Round(cpu * 1e6 / log.Deliveries, 2);
    }
}
