using System.Globalization;

namespace Clinic.Faults;

/// <summary>What is drilled and how hard, from the command line.</summary>
internal sealed class FaultOptions
{
    public const string Usage = """
        Usage: dotnet run -c Release --project bench/Faults -- [OPTIONS] [-- OPTIONS OF deploy/cluster start]

          --scenario NAME    cluster   two minutes in which a silo is killed, another hangs, and a host is killed (default)
                             postgres  the database is gone for 20 s
                             restart   one process and a whole cluster, stopped and started again
                             records   one process is killed again and again while records are written
                             silos     all silos are gone for 20 s while records are written
                             schedule  minutes of faults that a seed decides, checked by what everybody noted
          --connections N    users over the two hosts (200)
          --rate N           events per second (200)
          --topics N         charts that the events go to (50)
          --subscriptions N  charts that each user reads (5)
          --kills N          kills of the scenario records (200)
          --seed N           their moments; the first seed of the scenario schedule (random)
          --schedules N      how many of the scenario schedule, with seeds that follow on (1)
          --crowd N          clients that reconnect at once in a storm of the scenario schedule (1000)
          --writes N         record writes per second (60)
          --json FILE        write the result there too
          --keep             leave the cluster running afterwards

        SIGTERM ends the scenario schedule after the minute that is under way; --json keeps what was found.
        Wipes the data of deploy/cluster, but for records, which starts no cluster. Ends with 1 when a promise was broken.
        """;

    public string Scenario { get; private set; } = "cluster";

    public int Connections { get; private set; } = 200;

    public int Rate { get; private set; } = 200;

    public int Topics { get; private set; } = 50;

    public int Subscriptions { get; private set; } = 5;

    public int Kills { get; private set; } = 200;

    public int Seed { get; private set; } = Random.Shared.Next(1, int.MaxValue);

    public int Writes { get; private set; } = 60;

    public int Schedules { get; private set; } = 1;

    public int Crowd { get; private set; } = 1000;

    public string? Json { get; private set; }

    public bool Keep { get; private set; }

    public string[] ClusterOptions { get; private set; } = [];

    public static FaultOptions? Parse(string[] arguments, out string mistake)
    {
        var options = new FaultOptions();
        mistake = "";
        for (var index = 0; index < arguments.Length; index++)
        {
            var name = arguments[index];
            if (name == "--")
            {
                options.ClusterOptions = arguments[(index + 1)..];
                break;
            }

            if (name == "--keep")
            {
                options.Keep = true;
                continue;
            }

            var value = ++index < arguments.Length ? arguments[index] : "";
            var whole = int.TryParse(value, CultureInfo.InvariantCulture, out var number) && number > 0;
            switch (name)
            {
                case "--scenario" when value is "cluster" or "postgres" or "restart" or "records" or "silos" or "schedule": options.Scenario = value; break;
                case "--connections" when whole: options.Connections = number; break;
                case "--rate" when whole: options.Rate = number; break;
                case "--topics" when whole: options.Topics = number; break;
                case "--subscriptions" when whole: options.Subscriptions = number; break;
                case "--kills" when whole: options.Kills = number; break;
                case "--seed" when whole: options.Seed = number; break;
                case "--schedules" when whole: options.Schedules = number; break;
                case "--crowd" when whole: options.Crowd = number; break;
                case "--writes" when whole: options.Writes = number; break;
                case "--json" when value.Length > 0: options.Json = value; break;
                default:
                    mistake = $"{name} {value} is not understood";
                    return null;
            }
        }

        return options;
    }
}
