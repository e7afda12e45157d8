using System.Globalization;
using Clinic.Load.Servers;

namespace Clinic.Peers;

/// <summary>What is measured and for how long, from the command line.</summary>
internal sealed class PeerOptions
{
    public const string Usage = """
        Usage: bench/Peers/run [OPTIONS]

          --workload NAMES  a    50 users of one clinic, 100 events/s
                            b    1,000 users of one clinic, rising rate until p99 exceeds 100 ms
                            c    250 threads of 4, signals sent by clients, rising rate
                            d    2,000 users who sign in at once, and the memory of an idle connection
                            or several, as in a,d; all (the default)
          --peers NAMES     of socketio, socketio-redis, signalr, signalr-redis, clinic, clinic-cluster (all)
          --repeats N       times that all peers take their turn (3)
          --duration SECS   the measured span of a, and of b and c at the rate that all are compared at (10)
          --step SECS       the measured span of each rate above that (3)
          --connections N   who signs in at once in d (2000)
          --clinics N       over how many clinics those are spread (1)
          --settle SECS     time in which nothing happens before memory and idle CPU are read in d (6)
          --silos N         silos of clinic-cluster (3)
          --hosts N         Api hosts of clinic-cluster (2)
          --quick           one repeat with short spans: shows that it works, its figures are worth little
          --out FOLDER      where result.json and result.md go (artifacts/peers/result)
          --server-core N, --generator-core N   (0, 1)

        clinic-cluster wipes the data of deploy/cluster.
        """;

    /// <summary>Read once by .NET, at the first socket: a message is handled on the thread that saw it arrive.</summary>
    public const string InlineCompletions = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    private static readonly string[] AllPeers = ["socketio", "socketio-redis", "signalr", "signalr-redis", "clinic", "clinic-cluster"];

    public string Root { get; } = LocalCluster.FindRoot();

    public string Workloads { get; private set; } = "abcd";

    public IReadOnlyList<string> Peers { get; private set; } = AllPeers;

    public int Repeats { get; private set; } = 3;

    public TimeSpan Duration { get; private set; } = TimeSpan.FromSeconds(10);

    public TimeSpan Step { get; private set; } = TimeSpan.FromSeconds(3);

    /// <summary>Before the measured span of a, and of b and c at their first rate.</summary>
    public TimeSpan Warmup { get; private set; } = TimeSpan.FromSeconds(6);

    /// <summary>A load like that of a before all workloads: at few events a second it takes a while until .NET has compiled for good what each of them runs through.</summary>
    public TimeSpan LongWarmup { get; private set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a warm-up goes on at most while .NET still compiles.</summary>
    public TimeSpan MostWarmup { get; private set; } = TimeSpan.FromSeconds(120);

    public int Connections { get; private set; } = 2000;

    public int Clinics { get; private set; } = 1;

    public TimeSpan Settling { get; private set; } = TimeSpan.FromSeconds(6);

    public int Silos { get; private set; } = 3;

    public int Hosts { get; private set; } = 2;

    public string Out { get; private set; } = "";

    public int ServerCore { get; private set; }

    public int GeneratorCore { get; private set; } = 1;

    /// <summary>Reads the command line; null when it can't be understood, with a sentence for the user.</summary>
    public static PeerOptions? Parse(string[] arguments, out string mistake)
    {
        mistake = "";
        var options = new PeerOptions();
        options.Out = Path.Combine(options.Root, "artifacts", "peers", "result");
        try
        {
            for (var index = 0; index < arguments.Length; index++)
            {
                var name = arguments[index];
                options.Take(name, () => ++index < arguments.Length ? arguments[index] : throw new FormatException($"{name} needs a value"));
            }

            return options;
        }
        catch (Exception exception) when (exception is FormatException or OverflowException)
        {
            mistake = exception.Message;
            return null;
        }
    }

    private static int Whole(string name, string value, int least = 1)
        => int.TryParse(value, CultureInfo.InvariantCulture, out var number) && number >= least
            ? number
            : throw new FormatException($"{name} needs a whole number of at least {least}, not '{value}'");

    private static string[] Names(string name, string value, IReadOnlyCollection<string> known)
    {
        var names = value == "all" ? [.. known] : value.Split(',');
        return names.FirstOrDefault(one => !known.Contains(one)) is { } unknown
            ? throw new FormatException($"{name} takes {string.Join(", ", known)} or all, not '{unknown}'")
            : names;
    }

    private void Take(string name, Func<string> value)
    {
        switch (name)
        {
            case "--workload": Workloads = string.Concat(Names(name, value(), ["a", "b", "c", "d"]).Order(StringComparer.Ordinal)); break;
            case "--peers": Peers = Names(name, value(), AllPeers); break;
            case "--repeats": Repeats = Whole(name, value()); break;
            case "--duration": Duration = TimeSpan.FromSeconds(Whole(name, value())); break;
            case "--step": Step = TimeSpan.FromSeconds(Whole(name, value())); break;
            case "--connections": Connections = Whole(name, value()); break;
            case "--clinics": Clinics = Whole(name, value()); break;
            case "--settle": Settling = TimeSpan.FromSeconds(Whole(name, value())); break;
            case "--silos": Silos = Whole(name, value()); break;
            case "--hosts": Hosts = Whole(name, value()); break;
            case "--out": Out = Path.GetFullPath(value()); break;
            case "--server-core": ServerCore = Whole(name, value(), least: 0); break;
            case "--generator-core": GeneratorCore = Whole(name, value(), least: 0); break;
            case "--quick":
                (Repeats, Duration, Step, Warmup) = (1, TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(3));
                (LongWarmup, MostWarmup) = (Warmup, Warmup);
                break;
            default: throw new FormatException($"unknown option '{name}'");
        }
    }
}
