using System.Globalization;
using System.Text;
using System.Text.Json;
using Clinic.Load.Measures;

namespace Clinic.Faults;

/// <summary>One fault and what publishers and readers had of it until the next one.</summary>
/// <param name="Name">What was done.</param>
/// <param name="AtSeconds">When, from the start of the load.</param>
/// <param name="SilenceSeconds">The longest time without any successful publish.</param>
/// <param name="TopicSilenceSeconds">The same for the topic that had it worst.</param>
/// <param name="SlowestPublishSeconds">From an event's due time to its acknowledgment, retries included.</param>
/// <param name="SlowestDeliverySeconds">From an event's due time to its arrival at the last reader.</param>
internal sealed record FaultSpan(
    string Name, double AtSeconds, double SilenceSeconds, double TopicSilenceSeconds, double SlowestPublishSeconds, double SlowestDeliverySeconds);

/// <summary>A kind of fault over all schedules of a drill.</summary>
/// <param name="Kind">What was broken.</param>
/// <param name="Times">How often.</param>
/// <param name="OutageSeconds">The longest time in which a topic could not be published to.</param>
/// <param name="GoneP50">When users were shown as gone after their last connection had died, in seconds, in the schedules with this kind.</param>
/// <param name="GoneP99">The same, of the slowest 1 %.</param>
/// <param name="GoneMax">The same, the slowest.</param>
internal sealed record FaultSum(string Kind, int Times, double OutageSeconds, double GoneP50, double GoneP99, double GoneMax);

/// <summary>The result of a drill; any violation is a broken promise.</summary>
internal sealed record FaultReport
{
    private static readonly JsonSerializerOptions JsonOptions = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public required string Scenario { get; init; }

    public required DateTimeOffset Date { get; init; }

    public required string Command { get; init; }

    public required Machine Machine { get; init; }

    public SortedDictionary<string, object> Figures { get; } = new(StringComparer.Ordinal);

    public List<FaultSpan> Spans { get; } = [];

    public List<FaultSum> Faults { get; } = [];

    public IReadOnlyDictionary<string, long> Refused { get; set; } = new Dictionary<string, long>();

    public List<string> Log { get; } = [];

    public List<string> Violations { get; } = [];

    public void Require(bool holds, string violation)
    {
        if (!holds)
        {
            Violations.Add(violation);
        }
    }

    public string ToJson() => JsonSerializer.Serialize(this, JsonOptions);

    public string ToTable()
    {
        var table = new StringBuilder();
        table.AppendLine(CultureInfo.InvariantCulture, $"{Scenario}, commit {Machine.Commit}, {Machine.Cores} cores, {Machine.Cpu}");
        foreach (var (name, value) in Figures)
        {
            table.AppendLine(CultureInfo.InvariantCulture, $"  {name,-46}{value}");
        }

        if (Refused.Count > 0)
        {
            table.AppendLine("  refused publishes: " + string.Join(", ", Refused.OrderByDescending(pair => pair.Value).Select(pair => $"{pair.Value} x {pair.Key}")));
        }

        if (Spans.Count > 0)
        {
            table.AppendLine(CultureInfo.InvariantCulture, $"  {"fault",-34}{"at s",6}{"silence s",12}{"worst topic s",15}{"slowest publish s",19}{"slowest delivery s",20}");
        }

        foreach (var span in Spans)
        {
            table.AppendLine(
                CultureInfo.InvariantCulture,
                $"  {span.Name,-34}{span.AtSeconds,6:0}{span.SilenceSeconds,12:0.000}{span.TopicSilenceSeconds,15:0.000}{span.SlowestPublishSeconds,19:0.000}{span.SlowestDeliverySeconds,20:0.000}");
        }

        if (Faults.Count > 0)
        {
            table.AppendLine(CultureInfo.InvariantCulture, $"  {"fault",-24}{"times",6}{"publish outage s",18}{"gone p50 s",12}{"p99 s",8}{"max s",8}");
        }

        foreach (var fault in Faults)
        {
            table.AppendLine(
                CultureInfo.InvariantCulture,
                $"  {fault.Kind,-24}{fault.Times,6}{fault.OutageSeconds,18:0.000}{fault.GoneP50,12:0.00}{fault.GoneP99,8:0.00}{fault.GoneMax,8:0.00}");
        }

        foreach (var violation in Violations.Take(40))
        {
            table.AppendLine($"  VIOLATED: {violation}");
        }

        table.AppendLine(Violations.Count == 0 ? "all promises held" : $"{Violations.Count} promises broken");
        return table.ToString();
    }
}
