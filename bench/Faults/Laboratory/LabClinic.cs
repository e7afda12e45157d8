using System.Globalization;
using Clinic.Faults.Check;
using Clinic.Load.Clients;
using Clinic.Load.Events;

namespace Clinic.Faults.Laboratory;

/// <summary>How many take part in one clinic.</summary>
/// <param name="Readers">Users who read all the time and watch who is there.</param>
/// <param name="Mayflies">Users who come, have their connection cut and stay away for a while.</param>
/// <param name="Editors">Users who want the same section of a chart.</param>
/// <param name="Topics">Charts that events go to, besides the clinic's own topic.</param>
/// <param name="Reads">Charts that each reader reads.</param>
/// <param name="Rate">Events a second.</param>
internal sealed record ClinicSize(int Readers, int Mayflies, int Editors, int Topics, int Reads, double Rate)
{
    /// <summary>A clinic with its daily life.</summary>
    public static ClinicSize Usual { get; } = new(12, 5, 3, 8, 4, 40);

    /// <summary>A thousand who read one chart and do nothing else.</summary>
    public static ClinicSize Crowd { get; } = new(1000, 0, 0, 1, 1, 2);
}

/// <summary>One clinic of a schedule: its publisher, readers, mayflies and editors; everything of it carries its mark.</summary>
internal sealed class LabClinic : IDisposable
{
    private readonly ClinicSize _size;
    private readonly IFaultTarget _target;
    private readonly HistoryLog _log;
    private readonly TokenSource _tokens;
    private readonly StrayEvents _strays = new();
    private readonly DeliveryLog _delays;
    private readonly IReadOnlyDictionary<string, byte[]> _marks;
    private readonly Func<int, string> _clinicOf;
    private readonly CancellationTokenSource _stop = new();
    private readonly IReadOnlyList<Uri> _hosts;
    private readonly HttpClient _http;

    public LabClinic(ClinicMark mark, IReadOnlyList<ClinicMark> all, ClinicSize size, IFaultTarget target, HistoryLog log, HttpClient http, TimeProvider time)
    {
        Mark = mark;
        _size = size;
        _target = target;
        _log = log;
        _http = http;
        _hosts = [.. target.Hosts.Select(gate => gate.Address)];
        _tokens = new TokenSource(http, _hosts[0], null, time);
        _delays = new DeliveryLog(mark.Run);
        _marks = all.ToDictionary(other => other.Name, other => other.Bytes);
        _clinicOf = run => run == 0 ? "" : all.FirstOrDefault(other => other.Run == run)?.Name ?? "";
        Topics =
        [
            new TopicLedger(mark.Name, "tenant"),
            .. Enumerable.Range(0, size.Topics).Select(number => new TopicLedger(mark.Name, Text($"patient:{mark.Name}-{number}"))),
        ];
        Readers = [.. Enumerable.Range(0, size.Readers).Select(number => Client(number, watches: size.Mayflies > 0))];
        Publisher = new Publisher(http, _hosts, target.ServiceKey, Topics, mark.Run, 300)
        {
            RetryFor = TimeSpan.FromSeconds(60),
            Mark = mark.Name,
            Observed = (topic, sequence, offset) => log.Published(new TopicName(mark.Name, Topics[topic].Topic), sequence, offset),
        };
    }

    public ClinicMark Mark { get; }

    public IReadOnlyList<TopicLedger> Topics { get; }

    public List<ClinicClient> Readers { get; }

    public Publisher Publisher { get; }

    public PublishLog Published { get; } = new();

    /// <summary>Events of topics that a client never asked for.</summary>
    public StrayEvents Strays => _strays;

    /// <summary>Comes back when all readers are subscribed and see each other.</summary>
    public async Task ConnectAsync()
    {
        await Load.LoadRun.ConnectAsync(Readers, 60, _stop.Token);
        foreach (var watcher in Readers.Where(reader => reader.Place.Presence is not null))
        {
            for (var waited = 0; watcher.Place.Presence!.Present < Readers.Count; waited++)
            {
                if (waited == 300)
                {
                    throw new InvalidOperationException(
                        $"{watcher.Place.User} sees {watcher.Place.Presence.Present} of {Readers.Count} users 30 s after the last signed in");
                }

                await Task.Delay(100, _stop.Token);
            }
        }
    }

    /// <summary>Everybody does what they do, until that instant; what is under way is finished.</summary>
    public Task LiveAsync(long from, long until, int seed)
    {
        var life = new List<Task> { Publisher.RunAsync(from, until, _size.Rate, Published, _stop.Token) };
        for (var number = 0; number < _size.Mayflies; number++)
        {
            life.Add(FlyAsync(_size.Readers + number, new Random(seed + number), until));
        }

        for (var number = 0; number < _size.Editors; number++)
        {
            var user = Text($"{Mark.Name}-editor{number}x");
            life.Add(new Editor(new UserName(Mark.Name, user), $"{Mark.Name}-chart", _hosts, number, _tokens, _http, _target.ServiceKey, _log, new Random(seed - number))
                .RunAsync(until, _stop.Token));
        }

        return Task.WhenAll(life);
    }

    /// <summary>Whether everything that was published has arrived, or found its end.</summary>
    public bool IsSettled => Publisher.UnderWay == 0
        && Readers.All(reader => reader.IsConnected && reader.Place.Subscriptions.All(subscription => subscription.IsComplete));

    /// <summary>The longest time without a successful publish that a topic had within a span.</summary>
    public double LongestOutage(long from, long until) => Published.Successes.GroupBy(success => success.Topic).Select(topic =>
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

        return MonotonicClock.Seconds(longest);
    }).DefaultIfEmpty().Max();

    public async Task StopAsync()
    {
        await Load.LoadRun.StopAsync(Readers);
        await _stop.CancelAsync();
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    /// <summary>Comes, stays for some seconds, has its connection cut, stays away for longer than anybody may be shown.</summary>
    private async Task FlyAsync(int number, Random random, long until)
    {
        try
        {
            while (MonotonicClock.Now < until)
            {
                var client = Client(number, watches: false);
                client.StaysAway = true;
                var life = client.RunAsync();
                await Task.WhenAny(client.Ready, life, Task.Delay(TimeSpan.FromSeconds(15), _stop.Token));
                await Task.WhenAny(life, Task.Delay(AtMost(3 + (3 * random.NextDouble()), until), _stop.Token));
                client.Cut();
                await client.StopAsync();
                await life;
                _ = client.Ready.Exception;
                await Task.Delay(AtMost(12 + (2 * random.NextDouble()), until), _stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The schedule is over.
        }
    }

    private static TimeSpan AtMost(double seconds, long until) =>
        TimeSpan.FromSeconds(Math.Clamp(seconds, 0, Math.Max(0, MonotonicClock.Seconds(until - MonotonicClock.Now))));

    private ClinicClient Client(int number, bool watches)
    {
        var user = Text($"{Mark.Name}-{number}");
        var topics = Enumerable.Range(0, _size.Reads).Select(step => Topics[1 + ((number + step) % _size.Topics)]);
        if (_size.Mayflies > 0)
        {
            topics = topics.Prepend(Topics[0]);
        }

        var self = new UserName(Mark.Name, user);
        var view = watches
            ? new PresenceView("tenant", _size.Readers + _size.Mayflies, (other, _, after) => _log.Saw(self, new UserName(Mark.Name, Text($"{Mark.Name}-{other}")), after))
            : null;
        var place = new ClientPlace(
            number,
            Mark.Name,
            user,
            _hosts,
            number % _hosts.Count,
            [
                .. topics.Select(ledger => new Subscription(ledger.Topic, ledger, _delays)
                {
                    Notes = _log.Reading(user, new TopicName(Mark.Name, ledger.Topic), _clinicOf),
                }),
            ],
            view,
            _strays)
        { Notes = _log.Client(self, _marks) };
        return new ClinicClient(place, (hub, token, receiver) => new LeanLink(hub, token, receiver), _tokens);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>What tells a clinic of one schedule from all others: in its name, its users, topics, charts and payloads.</summary>
internal sealed record ClinicMark(int Run)
{
    public string Name { get; } = string.Create(CultureInfo.InvariantCulture, $"mk{Run}");

    public byte[] Bytes { get; } = System.Text.Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"mk{Run}"));

    /// <summary>Clinics with marks of the same length, none of which is part of another.</summary>
    public static IReadOnlyList<ClinicMark> Draw(int count)
    {
        var runs = new HashSet<int>();
        while (runs.Count < count)
        {
            runs.Add(Random.Shared.Next(100_000_000, 1_000_000_000));
        }

        return [.. runs.Select(run => new ClinicMark(run))];
    }
}
