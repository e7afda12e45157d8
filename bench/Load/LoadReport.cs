using System.Globalization;
using System.Text;
using System.Text.Json;
using Clinic.Load.Measures;

namespace Clinic.Load;

/// <summary>The result of a run, as a table for people and as JSON for what compares runs.</summary>
internal sealed record LoadReport
{
    private static readonly JsonSerializerOptions JsonOptions = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public required DateTimeOffset Date { get; init; }

    public required string Command { get; init; }

    public required Machine Machine { get; init; }

    public required double Seconds { get; init; }

    public required int Connections { get; init; }

    public required int ConnectedAtEnd { get; init; }

    public required int FailedClients { get; init; }

    public string? ClientError { get; init; }

    public required long Published { get; init; }

    public required long Acknowledged { get; init; }

    public required IReadOnlyDictionary<string, long> Refused { get; init; }

    public required double LongestSilenceSeconds { get; init; }

    public required Percentiles PublishMs { get; init; }

    public required long Deliveries { get; init; }

    public required double DeliveriesPerSecond { get; init; }

    public required Percentiles DeliveryMs { get; init; }

    public required long Lost { get; init; }

    public required long Repeated { get; init; }

    public required long Swapped { get; init; }

    /// <summary>Two readers, or a reader and the publisher, had different events at one offset.</summary>
    public required long Differing { get; init; }

    public required long Contradictions { get; init; }

    /// <summary>Events of a topic that the client had not asked for.</summary>
    public required long Strays { get; init; }

    public required long Early { get; init; }

    public required long Recovered { get; init; }

    public required long ToldToReload { get; init; }

    public required long Resets { get; init; }

    public required long Reconnects { get; init; }

    public required long Closings { get; init; }

    public required long PresenceMessages { get; init; }

    public SigninReport? Signin { get; init; }

    /// <summary>From a user's joining or leaving until somebody at another host was shown it.</summary>
    public Percentiles? PresenceSeenMs { get; init; }

    /// <summary>CPU of each named process in the measured span, per delivery.</summary>
    public required IReadOnlyDictionary<string, ProcessShare> Processes { get; init; }

    /// <summary>The named processes together, without the database.</summary>
    public required double? ServerCpuMicrosecondsPerDelivery { get; init; }

    /// <summary>Cores that the generator itself was busy on; near one it measures itself.</summary>
    public required double GeneratorCores { get; init; }

    public bool IsClean => Lost + Repeated + Swapped + Differing + Contradictions + Strays == 0 && FailedClients == 0 && Deliveries > 0;

    public string ToJson() => JsonSerializer.Serialize(this, JsonOptions);

    public string ToTable()
    {
        var table = new StringBuilder();
        Line("machine", $"{Machine.Cores} cores, {Machine.Cpu}");
        Line("commit", Machine.Commit);
        Line("command", Command);
        Line("connections", $"{Connections} ({ConnectedAtEnd} at the end, {FailedClients} failed)");
        if (ClientError is not null)
        {
            Line("client error", ClientError);
        }

        Line("published", $"{Published} in {Seconds:0.#} s, {Acknowledged} acknowledged");
        Line("refused", Refused.Count == 0 ? "0" : string.Join(", ", Refused.Select(pair => $"{pair.Value} x {pair.Key}")));
        Line("longest silence", $"{LongestSilenceSeconds:0.000} s without a successful publish");
        Line("publish ms", Row(PublishMs));
        Line("deliveries", $"{Deliveries}, {DeliveriesPerSecond:0}/s");
        Line("delivery ms", Row(DeliveryMs));
        Line("lost", $"{Lost}   repeated {Repeated}   swapped {Swapped}   differing {Differing}   contradictions {Contradictions}   strays {Strays}");
        Line("early", $"{Early}   recovered {Recovered}   told to reload {ToldToReload}   resets {Resets}   reconnects {Reconnects}   closings {Closings}");
        Line("presence", $"{PresenceMessages} messages");
        if (PresenceSeenMs is not null)
        {
            Line("seen elsewhere ms", $"{Row(PresenceSeenMs)}   of {PresenceSeenMs.Count}");
        }

        if (Signin is not null)
        {
            Line("sign-in", $"{Signin.Complete} of {Connections} saw everybody; last after {Signin.LastSeconds:0.000} s, median {Signin.MedianSeconds:0.000} s, "
                + $"all subscribed after {Signin.AllSubscribedSeconds:0.000} s");
        }

        foreach (var (name, share) in Processes)
        {
            Line($"cpu {name}", $"{share.CpuSeconds:0.00} s, {share.MicrosecondsPerDelivery:0.0} us per delivery");
        }

        if (ServerCpuMicrosecondsPerDelivery is { } server)
        {
            Line("cpu server", $"{server:0.0} us per delivery, database apart");
        }

        Line("generator", $"{GeneratorCores:0.00} cores{(GeneratorCores > 0.9 ? "  WARNING: the generator itself is near a full core; latencies are its own too" : "")}");
        return table.ToString();

        void Line(string name, string text) => table.Append(CultureInfo.InvariantCulture, $"{name,-18}{text}").AppendLine();
    }

    private static string Row(Percentiles values) => string.Create(
        CultureInfo.InvariantCulture,
        $"p50 {values.P50:0.00}   p90 {values.P90:0.00}   p99 {values.P99:0.00}   p99.9 {values.P999:0.00}   max {values.Max:0.00}");
}

/// <summary>CPU of one process in the measured span.</summary>
internal sealed record ProcessShare(double CpuSeconds, double MicrosecondsPerDelivery);

/// <summary>How a burst of sign-ins ended: when clients saw everybody of their clinic, counted from the first connection.</summary>
internal sealed record SigninReport(int Complete, double MedianSeconds, double LastSeconds, double AllSubscribedSeconds);
