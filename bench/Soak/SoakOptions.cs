using System.Globalization;

namespace Clinic.Soak;

/// <summary>How long the soak is and how much goes on in it, from the command line.</summary>
internal sealed class SoakOptions
{
    public const string Usage = """
        Usage: dotnet run -c Release --project bench/Soak -- [OPTIONS] [-- OPTIONS OF deploy/cluster start]

          --minutes N       the span that must be flat (30)
          --warmup N        minutes before it (12): a topic keeps its events for ten, and a thousand of them
                            however long that takes
          --rate N          events a second (100)
          --readers N       places for users who come, read, and go after a minute or less (200)
          --visitors N      users who open charts, edit and close them, one after the other (10)
          --clinics N       over how many clinics all that is spread (4)
          --charts N        charts of each clinic (10)
          --postgres-port N where the database listens, if it is told to deploy/cluster (15432)
          --out FOLDER      where soak.json, soak.md and the pictures go (artifacts/soak)

        Wipes the data of deploy/cluster. Ends with 1 when an event went wrong or something grew.
        """;

    public TimeSpan Length { get; private set; } = TimeSpan.FromMinutes(30);

    public TimeSpan Warmup { get; private set; } = TimeSpan.FromMinutes(12);

    public int Rate { get; private set; } = 100;

    public int Readers { get; private set; } = 200;

    public int Visitors { get; private set; } = 10;

    public int Clinics { get; private set; } = 4;

    public int Charts { get; private set; } = 10;

    public int PostgresPort { get; private set; } = 15432;

    public string? Out { get; private set; }

    public string[] ClusterOptions { get; private set; } = [];

    /// <summary>Reads the command line; a mistake is a sentence for the user.</summary>
    public static SoakOptions? Parse(string[] arguments, out string mistake)
    {
        var options = new SoakOptions();
        mistake = "";
        for (var index = 0; index < arguments.Length; index++)
        {
            var name = arguments[index];
            if (name == "--")
            {
                options.ClusterOptions = arguments[(index + 1)..];
                break;
            }

            var value = ++index < arguments.Length ? arguments[index] : "";
            if (name == "--out" && value.Length > 0)
            {
                options.Out = value;
                continue;
            }

            if (!int.TryParse(value, CultureInfo.InvariantCulture, out var number) || number < 1)
            {
                mistake = $"{name} needs a whole number above zero, not '{value}'";
                return null;
            }

            switch (name)
            {
                case "--minutes": options.Length = TimeSpan.FromMinutes(number); break;
                case "--warmup": options.Warmup = TimeSpan.FromMinutes(number); break;
                case "--rate": options.Rate = number; break;
                case "--readers": options.Readers = number; break;
                case "--visitors": options.Visitors = number; break;
                case "--clinics": options.Clinics = number; break;
                case "--charts": options.Charts = number; break;
                case "--postgres-port": options.PostgresPort = number; break;
                default:
                    mistake = $"unknown option '{name}'";
                    return null;
            }
        }

        return options;
    }
}
