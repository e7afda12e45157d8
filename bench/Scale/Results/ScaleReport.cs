using System.Globalization;
using System.Text;
using System.Text.Json;
using Clinic.Scale.Estimates;
using Clinic.Scale.Fitting;
using Clinic.Scale.Points;

namespace Clinic.Scale.Results;

/// <summary>The points, the models that were fitted to half of them, how far those are off at each, and the estimate by them; as JSON and as tables for people.</summary>
internal sealed class ScaleReport
{
    /// <summary>How far off a prediction may be, as a part of what was measured.</summary>
    private const double Limit = 0.2;

    /// <summary>Above so many cores of the one that the servers have, they wait for each other.</summary>
    private const double Crowded = 0.8;

    private static readonly bool[] Places = [false, true];

    /// <summary>What a silo keeps of an active topic's newest events at most: <c>EventLog__TailBytes</c>.</summary>
    private const double TailMegabytes = 0.5;

    private readonly Measurement _measurement;
    private readonly Population _population;
    private readonly IReadOnlyList<CostModel> _models;

    public ScaleReport(Measurement measurement, Population population)
        => (_measurement, _population, _models) = (measurement, population, CostModels.Fit(measurement.Points));

    private IEnumerable<Point> Points => _measurement.Points;

    /// <summary>An estimate needs every model.</summary>
    private bool HasAll => _models.All(model => Points.Any(point => point.IsFit && model.Error(point) is not null));

    public async Task WriteAsync(string folder)
    {
        Directory.CreateDirectory(folder);
        var all = new
        {
            Measurement = _measurement,
            Models = _models.Select(model => new
            {
                model.Name,
                model.Coefficients,
                Errors = Points.Where(point => model.Error(point) is not null).Select(point => new
                {
                    point.Stage,
                    Point = point.Name,
                    point.IsFit,
                    Measured = model.Measured(point.Cost),
                    Predicted = model.Predict(point.Size),
                    Error = model.Error(point),
                }),
            }),
            Population = _population,
            Estimates = Estimates().Select(one => one.Estimate),
        };
        await File.WriteAllTextAsync(Path.Combine(folder, "result.json"), JsonSerializer.Serialize(all, Measurement.JsonOptions) + "\n");
        await File.WriteAllTextAsync(Path.Combine(folder, "result.md"), ToMarkdown());
    }

    public string ToMarkdown()
    {
        var text = new StringBuilder();
        var machine = _measurement.Machine;
        Line(text, $"`{_measurement.Command}`, commit {machine.Commit}, {_measurement.Date:yyyy-MM-dd}; {machine.Cores} cores, {machine.Cpu}.");
        foreach (var failure in _measurement.Failures)
        {
            text.AppendLine();
            Line(text, $"Ended before its time: {failure}");
        }

        WriteCoefficients(text);
        WriteVerdicts(text);
        WritePoints(text, "Processor time, in cores", [.. _models.Take(3)], withTotal: true);
        WritePoints(text, "Memory, in MB", [.. _models.Skip(3)], withTotal: false);
        if (HasAll)
        {
            WriteEstimate(text);
        }

        return text.ToString();
    }

    private void WriteCoefficients(StringBuilder text)
    {
        text.AppendLine().AppendLine("**What one more costs**").AppendLine().AppendLine("| of | each | costs | |").AppendLine("|---|---|---|---|");
        foreach (var model in _models)
        {
            foreach (var coefficient in model.Coefficients)
            {
                Line(text, $"| {model.Name} | {coefficient.What} | {coefficient.Value:0.###} | {coefficient.Unit} |");
            }
        }
    }

    private void WriteVerdicts(StringBuilder text)
    {
        text.AppendLine().AppendLine("**Predicted within 20 %**").AppendLine();
        text.AppendLine("| | fitted points | points that were only predicted | farthest off |").AppendLine("|---|---|---|---|");
        foreach (var model in _models)
        {
            var errors = Points.Where(point => model.Error(point) is not null).Select(point => (point.IsFit, Error: model.Error(point)!.Value)).ToList();
            var farthest = errors.Select(one => one.Error).OrderByDescending(Math.Abs).FirstOrDefault();
            Line(text, $"| {model.Name} | {Within(errors.Where(one => one.IsFit))} | {Within(errors.Where(one => !one.IsFit))} | {farthest:+0 %;-0 %;0 %} |");
        }

        static string Within(IEnumerable<(bool IsFit, double Error)> errors)
        {
            var all = errors.ToList();
            return string.Create(CultureInfo.InvariantCulture, $"{all.Count(one => Math.Abs(one.Error) <= Limit)} of {all.Count}");
        }
    }

    private void WritePoints(StringBuilder text, string title, IReadOnlyList<CostModel> models, bool withTotal)
    {
        var points = Points.Where(point => models.Any(model => model.Measured(point.Cost) is not null)).ToList();
        if (points.Count == 0)
        {
            return;
        }

        text.AppendLine();
        Line(text, $"**{title}**: measured, predicted, error; _fitted_ are the points that the model knew").AppendLine();
        Line(text, $"| stage | point | | {string.Join(" | ", models.Select(model => model.Name))} |{(withTotal ? " in all |" : "")}");
        Line(text, $"|---|---|---|{string.Concat(models.Select(_ => "---|"))}{(withTotal ? "---|" : "")}");
        foreach (var point in points)
        {
            var cells = string.Join(" | ", models.Select(model => Cell(model, point)));
            Line(text, $"| {point.Stage} | {point.Name} | {(point.IsFit ? "_fitted_" : "")} | {cells} |{(withTotal ? $" {Total(point)} |" : "")}");
        }

        foreach (var point in points.Where(point => point.Trouble is not null))
        {
            text.AppendLine();
            Line(text, $"{point.Stage}, {point.Name}, counts for nothing: {point.Trouble}");
        }
    }

    private static string Cell(CostModel model, Point point)
    {
        if (model.Measured(point.Cost) is not { } measured)
        {
            return "";
        }

        var format = measured < 10 ? "0.000" : "0";
        return model.Error(point) is not { } error
            ? measured.ToString(format, CultureInfo.InvariantCulture)
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{measured.ToString(format, CultureInfo.InvariantCulture)}, {model.Predict(point.Size).ToString(format, CultureInfo.InvariantCulture)}, {Emphasis(error)}");
    }

    private static string Emphasis(double error)
    {
        var percent = error.ToString("+0 %;-0 %;0 %", CultureInfo.InvariantCulture);
        return Math.Abs(error) > Limit ? $"**{percent}**" : percent;
    }

    private static string Total(Point point)
        => point.Cost.Cores is { } cores ? string.Create(CultureInfo.InvariantCulture, $"{cores:0.00}{(cores > Crowded ? ", crowded" : "")}") : "";

    private void WriteEstimate(StringBuilder text)
    {
        var who = _population;
        text.AppendLine();
        Line(text, $"**For {who.Connections:#,##0} connections**").AppendLine();
        Line(text, $"One for each user; clinics of {who.UsersPerClinic} connected users, who all receive the clinic's events; each follows {who.ChartsPerUser:0.##} charts more that nobody else follows; {who.EventsPerHour:0.##} events for each user and hour, which are {who.Connections * who.EventsPerHour / 3600:#,##0} events/s and {who.Connections * who.EventsPerHour / 3600 * who.UsersPerClinic:#,##0} deliveries/s; processes with {who.CoresPerProcess} of these cores, {who.BusyPercent} % busy, hosts with {who.ConnectionsPerHost:#,##0} connections at most.");
        text.AppendLine().AppendLine("| users of a clinic | hosts for each event | hosts | silos | cores busy: hosts | silos | PostgreSQL | memory, MB: each host | each silo | in all, GB |");
        text.AppendLine("|---|---|---|---|---|---|---|---|---|---|");
        foreach (var (areTogether, estimate) in Estimates())
        {
            var where = areTogether ? "on one host" : "on any host";
            if (estimate is null)
            {
                Line(text, $"| {where} | no such cluster: each process that is added costs the others more than it carries |");
                continue;
            }

            var (size, cost) = (estimate.Size, estimate.Cost);
            Line(text, $"| {where} | {estimate.InterestedHosts:0.0} | {size.Hosts} | {size.Silos} | {cost.HostCores:0} | {cost.SiloCores:0} | {cost.DatabaseCores:0.0} | {cost.HostMegabytes / size.Hosts:#,##0} | {cost.SiloMegabytes / size.Silos:#,##0} | {(cost.HostMegabytes + cost.SiloMegabytes) / 1024:0} |");
        }

        text.AppendLine();
        Line(text, $"Beside that the silos keep the newest events of each clinic, together at most {TailMegabytes * who.Connections / who.UsersPerClinic / 1024:0.#} GB.");
    }

    private IEnumerable<(bool AreTogether, ClusterEstimate? Estimate)> Estimates()
        => HasAll ? Places.Select(areTogether => (areTogether, ClusterEstimate.For(_population, _models, areTogether))) : [];

    private static StringBuilder Line(StringBuilder text, FormattableString line) => text.AppendLine(line.ToString(CultureInfo.InvariantCulture));
}
