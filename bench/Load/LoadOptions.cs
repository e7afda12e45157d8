using System.Globalization;

namespace Clinic.Load;

/// <summary>What the clients subscribe to and where events go.</summary>
internal enum TopicKind
{
    Tenant,
    Threads,
    Patients,
}

/// <summary>What a run does, from its command line.</summary>
internal sealed class LoadOptions
{
    public const string Usage = """
        Usage: dotnet run -c Release --project bench/Load -- [OPTIONS]

          --url URL             an Api host; repeat it to spread the connections (http://127.0.0.1:5080)
          --connections N       how many users are signed in (50)
          --tenants N           over how many clinics (1)
          --topics KIND         tenant, threads:N or patients:N: what is subscribed to and published to (tenant)
          --subscriptions N     topics of that kind for each connection (1)
          --with-tenant         subscribe to the clinic's topic too
          --rate N              events per second, on a fixed schedule (100)
          --duration SECONDS    the measured span (60)
          --warmup SECONDS      the same load before it, not measured (5)
          --payload BYTES       size of an event's data (300)
          --connect-rate N      new connections per second (200)
          --signin-burst SECS   instead of that, all sign in within SECS while events go on; measures the presence
          --walkers N           as many users join and leave the first clinic's topic on the first host, one change
                                each half second; how soon those on other hosts are shown it (none)
          --service-key KEY     what POST /api/events wants (development-service-key)
          --signing-key KEY     mint the users' tokens with the server's HS256 key
          --dev-token           ask /dev/token for them (the default)
          --protocol NAME       json or messagepack, the latter with the official client (json)
          --engine NAME         lean or signalr, the official .NET client (lean)
          --pid NAME=PID        a server process whose CPU is counted; repeat it. Names that begin with
                                "postgres" are shown apart. deploy/cluster pids prints these options.
          --json FILE           write the result there too
        """;

    public List<Uri> Urls { get; } = [];

    public int Connections { get; private set; } = 50;

    public int Tenants { get; private set; } = 1;

    public TopicKind Topics { get; private set; } = TopicKind.Tenant;

    public int TopicCount { get; private set; } = 1;

    public int Subscriptions { get; private set; } = 1;

    public bool WithTenant { get; private set; }

    public double Rate { get; private set; } = 100;

    public TimeSpan Duration { get; private set; } = TimeSpan.FromSeconds(60);

    public TimeSpan Warmup { get; private set; } = TimeSpan.FromSeconds(5);

    public int Payload { get; private set; } = 300;

    public double ConnectRate { get; private set; } = 200;

    public TimeSpan? SigninBurst { get; private set; }

    public int Walkers { get; private set; }

    public string ServiceKey { get; private set; } = "development-service-key";

    public string? SigningKey { get; private set; }

    public bool MessagePack { get; private set; }

    public bool OfficialClient { get; private set; }

    public Dictionary<string, int> Pids { get; } = [];

    public string? Json { get; private set; }

    /// <summary>Reads the command line; a mistake is a sentence for the user.</summary>
    public static LoadOptions Parse(string[] arguments, out string? mistake)
    {
        var options = new LoadOptions();
        mistake = null;
        try
        {
            for (var index = 0; index < arguments.Length; index++)
            {
                options.Take(arguments[index], () => ++index < arguments.Length
                    ? arguments[index]
                    : throw new FormatException($"{arguments[^1]} needs a value"));
            }

            options.Complete();
        }
        catch (Exception exception) when (exception is FormatException or OverflowException)
        {
            mistake = exception.Message;
        }

        return options;
    }

    /// <summary>The command line as a result may show it.</summary>
    public static string WithoutKeys(string[] arguments)
        => string.Join(' ', arguments.Select((argument, index) => index > 0 && arguments[index - 1] is "--service-key" or "--signing-key" ? "***" : argument));

    private void Take(string name, Func<string> value)
    {
        switch (name)
        {
            case "--url": Urls.Add(new Uri(value(), UriKind.Absolute)); break;
            case "--connections": Connections = Whole(name, value()); break;
            case "--tenants": Tenants = Whole(name, value()); break;
            case "--topics": TakeTopics(value()); break;
            case "--subscriptions": Subscriptions = Whole(name, value()); break;
            case "--with-tenant": WithTenant = true; break;
            case "--rate": Rate = Number(name, value()); break;
            case "--duration": Duration = TimeSpan.FromSeconds(Number(name, value())); break;
            case "--warmup": Warmup = TimeSpan.FromSeconds(Number(name, value(), orZero: true)); break;
            case "--payload": Payload = Whole(name, value()); break;
            case "--connect-rate": ConnectRate = Number(name, value()); break;
            case "--signin-burst": SigninBurst = TimeSpan.FromSeconds(Number(name, value())); break;
            case "--walkers": Walkers = Whole(name, value()); break;
            case "--service-key": ServiceKey = value(); break;
            case "--signing-key": SigningKey = value(); break;
            case "--dev-token": SigningKey = null; break;
            case "--protocol": MessagePack = Choice(name, value(), "json", "messagepack"); break;
            case "--engine": OfficialClient = Choice(name, value(), "lean", "signalr"); break;
            case "--json": Json = value(); break;
            case "--pid":
                var pair = value().Split('=', 2);
                Pids[pair[0]] = pair.Length == 2 ? Whole(name, pair[1]) : throw new FormatException("--pid needs NAME=PID");
                break;
            default: throw new FormatException($"unknown option '{name}'");
        }
    }

    private void TakeTopics(string value)
    {
        var parts = value.Split(':', 2);
        Topics = parts[0] switch
        {
            "tenant" => TopicKind.Tenant,
            "threads" => TopicKind.Threads,
            "patients" => TopicKind.Patients,
            _ => throw new FormatException("--topics takes tenant, threads:N or patients:N"),
        };
        TopicCount = Topics == TopicKind.Tenant ? 1 : parts.Length == 2
            ? Whole("--topics", parts[1])
            : throw new FormatException($"--topics {parts[0]} needs a number: {parts[0]}:50");
    }

    private void Complete()
    {
        if (Urls.Count == 0)
        {
            Urls.Add(new Uri("http://127.0.0.1:5080"));
        }

        if (Topics == TopicKind.Tenant)
        {
            TopicCount = Tenants;
        }

        if (TopicCount < Tenants)
        {
            throw new FormatException("there must be at least one topic for each tenant");
        }

        if (Subscriptions > TopicCount / Tenants)
        {
            throw new FormatException("a connection can't subscribe to more topics than its tenant has");
        }

        if (Walkers > 0 && (Urls.Count < 2 || SigninBurst is not null))
        {
            throw new FormatException("--walkers needs two --url and goes without --signin-burst");
        }

        OfficialClient |= MessagePack;
        WithTenant |= SigninBurst is not null || Walkers > 0;
        if (Topics == TopicKind.Tenant)
        {
            WithTenant = false;
        }
    }

    private static int Whole(string name, string value)
        => int.TryParse(value, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : throw new FormatException($"{name} needs a whole number above zero, not '{value}'");

    private static double Number(string name, string value, bool orZero = false)
        => double.TryParse(value, CultureInfo.InvariantCulture, out var number) && (number > 0 || (orZero && number == 0))
            ? number
            : throw new FormatException($"{name} needs a number above zero, not '{value}'");

    private static bool Choice(string name, string value, string first, string second)
        => value == second || (value == first ? false : throw new FormatException($"{name} takes {first} or {second}"));
}
