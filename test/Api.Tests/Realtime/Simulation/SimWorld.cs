using Clinic.Topics;
using Microsoft.Extensions.Time.Testing;

namespace Clinic.Realtime.Simulation;

/// <summary>
/// Logical time and a network that loses, repeats, delays and swaps, all decided by a seed. Silos, hosts and clients of a run live in it; the relay, the outbox lanes, the trackers
/// and the presence sets among them are the product's own.
/// </summary>
internal sealed class SimWorld
{
    private readonly PriorityQueue<Action, (long Ticks, long Order)> _queue = new();
    private const int MaxSteps = 1_000_000;
    private readonly Dictionary<TopicId, SimActivation> _directory = [];
    private long _order;
    private int _steps;

    public SimWorld(int seed)
    {
        Random = new Random(seed);
        Topics = [TopicId.ForTenant("one"), TopicId.ForTenant("two")];
        foreach (var topic in Topics)
        {
            Logs[topic] = [];
        }
    }

    public Random Random { get; }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public DateTimeOffset Now => Time.GetUtcNow();

    public TopicId[] Topics { get; }

    /// <summary>The committed events of each topic: the database.</summary>
    public Dictionary<TopicId, List<TopicEvent>> Logs { get; } = [];

    public List<SimSilo> Silos { get; } = [];

    public List<SimHost> Hosts { get; } = [];

    public List<SimClient> Clients { get; } = [];

    public List<string> Violations { get; } = [];

    /// <summary>Whether the network and the machines misbehave.</summary>
    public bool Faults { get; set; } = true;

    /// <summary>How far behind a log's reader may be.</summary>
    public int MaxRecovery { get; init; } = int.MaxValue;

    /// <summary>Whether the outboxes hold so little that they give up what they owe again and again.</summary>
    public bool SmallLanes { get; init; }

    /// <summary>Whether silos hang, and go on with what they had when others have taken their topics over.</summary>
    public bool SilosHang { get; init; }

    /// <summary>
    /// How long a dead user may be shown. A silo that goes on after a hang still has the presence it had, and may tell it to those who reach it until it learns that it is out; that
    /// comes on top.
    /// </summary>
    public TimeSpan GhostLimit => TimeSpan.FromSeconds(SilosHang ? 18 : 10);

    /// <summary>
    /// For how long a user must have been connected before nobody may be told that they left: a connection that is young may not have been heard of. Hosts that were caught by a silo
    /// back from a hang notice its end by its silence, which may be later than a rebuilt presence waits for them.
    /// </summary>
    public TimeSpan BlinkLimit => SilosHang ? TimeSpan.MaxValue : TimeSpan.FromSeconds(9);

    /// <summary>Whether every gap can be closed: then nobody may be told to reload.</summary>
    public bool MustRecover => MaxRecovery == int.MaxValue && !SilosHang;

    /// <summary>How often a message between processes is lost, of 1.</summary>
    public double Loss { get; init; } = 0.03;

    public void After(double seconds, Action act)
    {
        var at = Now.AddSeconds(seconds);
        _queue.Enqueue(act, (at.Ticks, _order++));
    }

    public void Every(double seconds, Func<bool> act)
    {
        After(seconds * (0.5 + Random.NextDouble()), Repeat);

        void Repeat()
        {
            if (act())
            {
                After(seconds, Repeat);
            }
        }
    }

    /// <summary>Sends over the network: usually once and soon, sometimes late, twice, or never.</summary>
    public void Send(Action deliver)
    {
        if (Faults && Random.NextDouble() < Loss)
        {
            return;
        }

        After(Delay(), deliver);
        if (Faults && Random.NextDouble() < Loss)
        {
            After(Delay(), deliver);
        }
    }

    public double Delay() => Faults && Random.NextDouble() < 0.05 ? Random.NextDouble() * 0.8 : 0.001 + (Random.NextDouble() * 0.01);

    public void Run(double seconds)
    {
        var until = Now.AddSeconds(seconds);
        while (_queue.TryPeek(out var act, out var key) && key.Ticks <= until.Ticks)
        {
            _queue.Dequeue();
            if (++_steps > MaxSteps)
            {
                throw new InvalidOperationException($"The run does not come to an end.\n{string.Join("\n", History.TakeLast(50))}");
            }

            if (key.Ticks > Now.Ticks)
            {
                Time.SetUtcNow(new DateTimeOffset(key.Ticks, TimeSpan.Zero));
            }

            act();
            foreach (var host in Hosts)
            {
                host.Work();
            }

            foreach (var client in Clients)
            {
                client.Poll();
            }
        }

        Time.SetUtcNow(until);
    }

    /// <summary>What happened, for whoever reads a failed run.</summary>
    public List<string> History { get; } = [];

    public void Note(string what) => History.Add($"{(Now - new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)).TotalSeconds:0.000}: {what}");

    public void Violate(string what)
    {
        Note($"VIOLATION {what}");
        Violations.Add(what);
    }

    /// <summary>
    /// The activation of a topic that a call reaches: comes up on another silo once the cluster knows that its own is gone. A former one that does not know yet that it is out is
    /// reached by some, through its own gateway.
    /// </summary>
    public SimActivation? ActivationOf(TopicId topic)
    {
        var former = Silos.FirstOrDefault(s => s.IsRunning && !s.IsIn && s.Activations.ContainsKey(topic));
        if (former is not null && Random.NextDouble() < 0.4)
        {
            return former.Activations[topic];
        }

        if (_directory.TryGetValue(topic, out var activation) && activation.Silo.IsIn)
        {
            return activation;
        }

        var alive = Silos.Where(s => s.IsRunning && s.IsIn).ToList();
        return alive.Count == 0 ? null : _directory[topic] = alive[Random.Next(alive.Count)].Activate(topic);
    }

    /// <summary>
    /// A call of a host to a topic: the way there or back may fail or take long, and the caller does not learn which. A host does not suffer that twice within seconds, besides the
    /// calls that fail because a silo does: a rebuilt presence waits for one repetition and not for two.
    /// </summary>
    public Task<T> Call<T>(SimHost from, TopicId topic, Func<SimActivation, T> act)
    {
        var answer = new TaskCompletionSource<T>();
        var (lostThere, lostBack, late) = (false, false, false);
        if (Faults && Now - from.TroubledAt > TimeSpan.FromSeconds(6) && Random.NextDouble() < Loss * 2)
        {
            from.TroubledAt = Now;
            var kind = Random.Next(3);
            (lostThere, lostBack, late) = (kind == 0, kind == 1, kind == 2);
        }

        if (lostThere)
        {
            return answer.Task;
        }

        After(late ? Random.NextDouble() * 5 : Delay(), () =>
        {
            if (ActivationOf(topic) is { } activation)
            {
                activation.Silo.WhenOut(() => answer.TrySetException(new TimeoutException()));
                activation.Silo.Do(() =>
                {
                    var result = act(activation);
                    activation.Silo.Pump();
                    if (!lostBack)
                    {
                        After(Delay(), () => answer.TrySetResult(result));
                    }
                });
            }
            else
            {
                After(0.1, () => answer.TrySetException(new TimeoutException()));
            }
        });
        return answer.Task;
    }
}
