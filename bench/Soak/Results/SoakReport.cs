using System.Globalization;
using System.Text;
using System.Text.Json;
using Clinic.Load.Measures;
using Clinic.Soak.Sampling;
using OxyPlot;

namespace Clinic.Soak.Results;

/// <summary>What a soak found, for people and as JSON, with a picture for each quantity.</summary>
internal sealed record SoakReport(
    DateTimeOffset Date,
    string Command,
    Machine Machine,
    double WarmupMinutes,
    IReadOnlyDictionary<string, object> Figures,
    IReadOnlyList<string> Wrong,
    IReadOnlyList<Growth> Growths,
    IReadOnlyList<Sample> Samples)
{
    private static readonly JsonSerializerOptions JsonOptions = new(JsonSerializerDefaults.Web) { NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals };

    /// <summary>What must hold and did not.</summary>
    public IEnumerable<string> Broken =>
        [.. Wrong, .. Growths.Where(growth => !growth.IsFlat).Select(growth => string.Create(CultureInfo.InvariantCulture, $"{growth.What} of {growth.Whose} grew from {growth.First:0.0} to {growth.Last:0.0}"))];

    public async Task WriteAsync(string folder)
    {
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "soak.json"), JsonSerializer.Serialize(this, JsonOptions) + "\n");
        await File.WriteAllTextAsync(Path.Combine(folder, "soak.md"), ToMarkdown());
        foreach (var measure in Measure.All)
        {
            var series = new Dictionary<string, List<DataPoint>>();
            foreach (var sample in Samples)
            {
                foreach (var (name, value) in measure.Of(sample))
                {
                    series.TryAdd(name, []);
                    series[name].Add(new DataPoint(sample.Seconds / 60, value));
                }
            }

            Graph.Write(Path.Combine(folder, $"{measure.What}.svg"), $"{measure.What} ({measure.Unit})", measure.Unit, series, WarmupMinutes);
        }
    }

    public string ToMarkdown()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{Date:yyyy-MM-dd HH:mm} UTC, commit {Machine.Commit}, {Machine.Cores} cores, {Machine.Cpu}, {Machine.OperatingSystem}, .NET {Machine.Runtime}");
        text.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"    {Command}").AppendLine();
        text.AppendLine("| | |").AppendLine("|---|---|");
        foreach (var (name, value) in Figures)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"| {name} | {value} |");
        }

        text.AppendLine().AppendLine("| after the warm-up | of | first third | last third | change | lowest | highest | |").AppendLine("|---|---|---|---|---|---|---|---|");
        foreach (var growth in Growths.Where(growth => growth.Highest >= 1))
        {
            var verdict = double.IsPositiveInfinity(growth.Allowed) ? "by agreement" : growth.IsFlat ? "flat" : "GREW";
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"| {growth.What} | {growth.Whose} | {growth.First:0.0} | {growth.Last:0.0} | {growth.Percent:+0.0;-0.0;0.0} % | {growth.Lowest:0.0} | {growth.Highest:0.0} | {verdict} |");
        }

        return text.ToString();
    }
}
