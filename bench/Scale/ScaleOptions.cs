using System.Globalization;
using Clinic.Scale.Estimates;

namespace Clinic.Scale;

/// <summary>What is measured, for how long, and for whom the estimate is, from the command line.</summary>
internal sealed class ScaleOptions
{
    public const string Usage = """
        Usage: bench/Scale/run [OPTIONS]

        Measures the cluster of deploy/cluster at some thirty points, fits a model of its cost to half of
        them, says how far it is off at each, and what a cluster for many connections needs by it.
        Takes about 18 minutes: nine for the processor time, nine for the memory.

          --only cpu|memory    one of the two halves; the estimate needs both
          --connections N      the most connections, a multiple of 500 (10000); a fifth of them come first
          --span SECS          how long each rate is measured (10)
          --idle SECS          how long nothing is measured (6)
          --warmup SECS        how long a warm-up goes on at most while .NET still compiles (45)
          --quick              short spans and few connections: shows that it works, its figures are worth little
          --out FOLDER         where result.json and result.md go (artifacts/scale/result)
          --read FILE          measures nothing: fits and estimates anew from the points of that result.json
          --server-core N, --generator-core N   (0, 1)
          --no-build           what was built last is measured (bench/Scale/run)

        The estimate is for
          --population N           connections (1000000), one a user
          --users-per-clinic N     users of a clinic who are connected, and receive its events (50)
          --charts-per-user N      other topics that each follows, nobody else the same (2)
          --events-per-hour N      events for each user and hour at the busiest time (20)
          --cores-per-process N    cores that a host or silo may use (4)
          --busy PERCENT           how busy those are meant to be (50)
          --connections-per-host N the most connections of a host (20000)

        Wipes the data of deploy/cluster.
        """;

    public bool MeasuresCpu { get; private set; } = true;

    public bool MeasuresMemory { get; private set; } = true;

    public int Connections { get; private set; } = 10_000;

    public TimeSpan Span { get; private set; } = TimeSpan.FromSeconds(10);

    public TimeSpan Idle { get; private set; } = TimeSpan.FromSeconds(6);

    public TimeSpan LeastWarmup { get; private set; } = TimeSpan.FromSeconds(10);

    public TimeSpan MostWarmup { get; private set; } = TimeSpan.FromSeconds(45);

    public string? Out { get; private set; }

    public string? Read { get; private set; }

    public int ServerCore { get; private set; }

    public int GeneratorCore { get; private set; } = 1;

    public Population Population { get; private set; } = new();

    /// <summary>Reads the command line; null when it can't be understood, with a sentence for the user.</summary>
    public static ScaleOptions? Parse(string[] arguments, out string mistake)
    {
        mistake = "";
        var options = new ScaleOptions();
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

    // Clinics of a hundred are all full, and a fifth of their people is a whole number too.
    private static int Hundreds(string name, string value)
        => Whole(name, value, least: 500) is var number && number % 500 == 0 ? number : throw new FormatException($"{name} needs a multiple of 500, not '{value}'");

    private static double Amount(string name, string value)
        => double.TryParse(value, CultureInfo.InvariantCulture, out var number) && number >= 0
            ? number
            : throw new FormatException($"{name} needs a number of at least 0, not '{value}'");

    private void Take(string name, Func<string> value)
    {
        switch (name)
        {
            case "--only": TakeHalf(value()); break;
            case "--connections": Connections = Hundreds(name, value()); break;
            case "--span": Span = TimeSpan.FromSeconds(Whole(name, value())); break;
            case "--idle": Idle = TimeSpan.FromSeconds(Whole(name, value())); break;
            case "--warmup": MostWarmup = TimeSpan.FromSeconds(Whole(name, value())); break;
            case "--out": Out = Path.GetFullPath(value()); break;
            case "--read": Read = Path.GetFullPath(value()); break;
            case "--server-core": ServerCore = Whole(name, value(), least: 0); break;
            case "--generator-core": GeneratorCore = Whole(name, value(), least: 0); break;
            case "--population": Population = Population with { Connections = Whole(name, value()) }; break;
            case "--users-per-clinic": Population = Population with { UsersPerClinic = Whole(name, value()) }; break;
            case "--charts-per-user": Population = Population with { ChartsPerUser = Amount(name, value()) }; break;
            case "--events-per-hour": Population = Population with { EventsPerHour = Amount(name, value()) }; break;
            case "--cores-per-process": Population = Population with { CoresPerProcess = Whole(name, value()) }; break;
            case "--busy": Population = Population with { BusyPercent = Whole(name, value()) }; break;
            case "--connections-per-host": Population = Population with { ConnectionsPerHost = Whole(name, value()) }; break;
            case "--quick":
                (Connections, Span, Idle) = (500, TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(3));
                (LeastWarmup, MostWarmup) = (TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(3));
                break;
            default: throw new FormatException($"unknown option '{name}'");
        }
    }

    private void TakeHalf(string half)
        => (MeasuresCpu, MeasuresMemory) = half switch
        {
            "cpu" => (true, false),
            "memory" => (false, true),
            _ => throw new FormatException($"--only takes cpu or memory, not '{half}'"),
        };
}
