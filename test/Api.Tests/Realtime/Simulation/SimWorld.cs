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

    /// <summary>The activation of a topic; comes up on another silo once the cluster knows that its own is gone.</summary>
    public SimActivation? ActivationOf(TopicId topic)
    {
        foreach (var silo in Silos)
        {
            if (silo.Activations.TryGetValue(topic, out var activation))
            {
                return silo.IsAlive ? activation : null;
            }
        }

        var alive = Silos.Where(s => s.IsAlive).ToList();
        return alive.Count == 0 ? null : alive[Random.Next(alive.Count)].Activate(topic);
    }

    /// <summary>A call of a host to a topic: the way there or back may fail, and the caller does not learn which.</summary>
    public Task<T> Call<T>(SimHost from, TopicId topic, Func<SimActivation, T> act)
    {
        var answer = new TaskCompletionSource<T>();
        if (Faults && Random.NextDouble() < Loss)
        {
            After(4, () => answer.TrySetException(new TimeoutException()));
            return answer.Task;
        }

        After(Delay(), () =>
        {
            if (ActivationOf(topic) is not { } activation)
            {
                After(1, () => answer.TrySetException(new TimeoutException()));
                return;
            }

            var result = act(activation);
            activation.Silo.Pump();
            if (Faults && Random.NextDouble() < Loss)
            {
                After(4, () => answer.TrySetException(new TimeoutException()));
            }
            else
            {
                After(Delay(), () => answer.TrySetResult(result));
            }
        });
        return answer.Task;
    }
}
