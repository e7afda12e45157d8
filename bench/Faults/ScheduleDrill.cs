using System.Globalization;
using System.Runtime.InteropServices;
using Clinic.Faults.Check;
using Clinic.Faults.Laboratory;
using Clinic.Faults.Schedules;
using Clinic.Load.Servers;

namespace Clinic.Faults;

/// <summary>Seeded minutes of faults, one after the other on a cluster that is started once. SIGTERM ends it after the one that is under way.</summary>
internal static class ScheduleDrill
{
    public static async Task RunAsync(FaultOptions options, LocalCluster cluster, TimeProvider time, FaultReport report)
    {
        await using var target = await ClusterTarget.StartAsync(cluster, options.ClusterOptions);
        var run = new ScheduleRun(target, ClinicSize.Usual, ClinicSize.Crowd with { Readers = options.Crowd }, time);
        var results = new List<ScheduleResult>();
        var isOver = false;
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            Volatile.Write(ref isOver, true);
        });
        for (var seed = options.Seed; seed < options.Seed + options.Schedules && !Volatile.Read(ref isOver); seed++)
        {
            var schedule = Schedule.Make(seed, target.Possible);
            Console.WriteLine($"seed {seed}: {string.Join("; ", schedule.Faults)}");
            ScheduleResult result;
            try
            {
                result = await run.RunAsync(schedule);
            }
            catch (Exception exception) when (exception is InvalidOperationException or Npgsql.NpgsqlException or HttpRequestException or TimeoutException)
            {
                // What the other schedules found is worth having.
                Console.WriteLine($"seed {seed}: could not go on: {exception.Message}");
                report.Violations.Add($"seed {seed}: could not go on: {exception.Message}");
                continue;
            }

            results.Add(result);
            Console.WriteLine($"seed {seed}: {Verdict(result)}");
            foreach (var violation in result.Findings.Violations.Select(violation => violation.ToString()).Concat(result.Stuck).Take(20))
            {
                Console.WriteLine($"  VIOLATED: {violation}");
            }

            foreach (var fault in result.Faults)
            {
                var line = string.Create(
                    CultureInfo.InvariantCulture,
                    $"seed {seed}: {fault.Fault}: took {fault.Ended - fault.Began:0.0} s, longest publish outage {fault.Outage:0.000} s");
                Console.WriteLine(line);
                report.Log.Add(line);
            }

            report.Log.Add($"seed {seed}: {Verdict(result)}");
            report.Violations.AddRange(result.Findings.Violations.Select(violation => $"seed {seed}: {violation}"));
            report.Violations.AddRange(result.Stuck.Select(stuck => $"seed {seed}: {stuck}"));
        }

        Sum(results, report, target.Possible);
    }

    private static string Verdict(ScheduleResult result)
    {
        var gone = result.Findings.Gone.Order().ToList();
        var ended = result.Ended.Count > 0 ? $", started again: {string.Join(", ", result.Ended)}" : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{(result.Holds ? "held" : "BROKEN")}, {result.Acknowledged} acknowledged, {result.Abandoned} given up, {result.Findings.Deliveries} delivered, "
            + $"{result.Findings.Recovered} recovered, {result.Findings.Reloads} reloads, {result.Reconnects} reconnects, {result.Findings.Holds} edits, "
            + $"gone after s p50 {At(gone, 0.5)} p99 {At(gone, 0.99)} max {At(gone, 1)} of {gone.Count}{ended}");
    }

    private static void Sum(List<ScheduleResult> results, FaultReport report, IReadOnlyCollection<FaultKind> possible)
    {
        foreach (var breach in Enum.GetValues<Breach>())
        {
            report.Figures[$"{breach}"] = results.Sum(result => result.Findings.Violations.Count(violation => violation.Breach == breach));
        }

        var gone = results.SelectMany(result => result.Findings.Gone).Order().ToList();
        report.Figures["schedules"] = results.Count;
        report.Figures["schedules that held"] = results.Count(result => result.Holds);
        report.Figures["seeds"] = string.Join(' ', results.Select(result => result.Schedule.Seed));
        report.Figures["acknowledged"] = results.Sum(result => result.Acknowledged);
        report.Figures["given up"] = results.Sum(result => result.Abandoned);
        report.Figures["delivered"] = results.Sum(result => result.Findings.Deliveries);
        report.Figures["recovered with since"] = results.Sum(result => result.Findings.Recovered);
        report.Figures["told to reload"] = results.Sum(result => result.Findings.Reloads);
        report.Figures["edits granted"] = results.Sum(result => result.Findings.Holds);
        report.Figures["gone after s p50, p99, max"] = string.Create(CultureInfo.InvariantCulture, $"{At(gone, 0.5)}, {At(gone, 0.99)}, {At(gone, 1)} of {gone.Count}");
        report.Figures["not possible here"] = string.Join(' ', Enum.GetValues<FaultKind>().Except(possible));
        foreach (var kind in results.SelectMany(result => result.Faults.Select(fault => (fault, result))).GroupBy(pair => pair.fault.Fault.Kind).OrderBy(group => group.Key))
        {
            var seen = kind.SelectMany(pair => pair.result.Findings.Gone).Order().ToList();
            report.Faults.Add(new FaultSum(
                kind.Key.ToString(),
                kind.Count(),
                Math.Round(kind.Max(pair => pair.fault.Outage), 3),
                At(seen, 0.5),
                At(seen, 0.99),
                At(seen, 1)));
        }
    }

    private static double At(List<double> sorted, double part) =>
        sorted.Count == 0 ? 0 : Math.Round(sorted[Math.Max(0, (int)Math.Ceiling(part * sorted.Count) - 1)], 2);
}
