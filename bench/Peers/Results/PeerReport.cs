using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Clinic.Load.Measures;

namespace Clinic.Peers.Results;

/// <summary>All turns of a run, as JSON for what compares runs and as tables of medians for people.</summary>
internal sealed record PeerReport(DateTimeOffset Date, string Command, Machine Machine, IReadOnlyDictionary<string, string> SetUps)
{
    private static readonly JsonSerializerOptions JsonOptions = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter() },
    };

    private static readonly Dictionary<string, string> Titles = new()
    {
        ["a"] = "(a) 50 users of one clinic, 100 events/s",
        ["b"] = "(b) 1,000 users of one clinic: at 40,000 deliveries/s, then rising",
        ["c"] = "(c) 250 threads of 4, signals sent by clients: at 12,000 deliveries/s, then rising",
        ["d"] = "(d) sign-in of all at once, then idle",
    };

    public List<PeerRun> Runs { get; } = [];

    public string ToJson() => JsonSerializer.Serialize(this, JsonOptions);

    public string ToMarkdown()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"`{Command}`, commit {Machine.Commit}, {Date:yyyy-MM-dd}; {Machine.Cores} cores, {Machine.Cpu}. Median (least to most) of the repeats.");
        foreach (var workload in Runs.GroupBy(run => run.Workload).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            var columns = workload.SelectMany(run => run.Figures.Keys).Distinct().ToList();
            text.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"**{Titles[workload.Key]}**").AppendLine();
            text.AppendLine($"| | {string.Join(" | ", columns)} |");
            text.AppendLine($"|---|{string.Concat(columns.Select(_ => "---|"))}");
            foreach (var peer in workload.GroupBy(run => run.Peer))
            {
                text.AppendLine($"| {SetUps[peer.Key]} | {string.Join(" | ", columns.Select(column => Cell(peer, column)))} |");
            }
        }

        foreach (var failed in Runs.Where(run => run.Error is not null))
        {
            text.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"{failed.Peer}, workload {failed.Workload}, repeat {failed.Repeat}: {failed.Error}");
        }

        return text.ToString();
    }

    private static string Cell(IEnumerable<PeerRun> runs, string column)
    {
        var values = runs.Where(run => run.Figures.ContainsKey(column)).Select(run => run.Figures[column]).Order().ToList();
        if (values.Count == 0)
        {
            return "";
        }

        var median = values.Count % 2 == 1 ? values[values.Count / 2] : (values[(values.Count / 2) - 1] + values[values.Count / 2]) / 2;
        return values[0].Equals(values[^1]) ? Show(median) : $"{Show(median)} ({Show(values[0])} to {Show(values[^1])})";
    }

    private static string Show(double value)
        => value.ToString(Math.Abs(value) >= 1000 ? "#,##0" : Math.Abs(value) >= 100 ? "0" : "0.##", CultureInfo.InvariantCulture);
}
