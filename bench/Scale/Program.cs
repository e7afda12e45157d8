using System.Runtime.InteropServices;
using Clinic.Load.Measures;
using Clinic.Load.Servers;
using Clinic.Peers;
using Clinic.Scale;
using Clinic.Scale.Results;

if (args is ["--help"] or ["-h"])
{
    Console.WriteLine(ScaleOptions.Usage);
    return 0;
}

if (ScaleOptions.Parse(args, out var mistake) is not { } options)
{
    Console.Error.WriteLine($"bench/Scale: {mistake}");
    Console.Error.WriteLine(ScaleOptions.Usage);
    return 2;
}

Environment.SetEnvironmentVariable(PeerOptions.InlineCompletions, "1");
using var stop = new CancellationTokenSource();
using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
var folder = options.Out ?? Path.Combine(LocalCluster.FindRoot(), "artifacts", "scale", "result");
var command = $"bench/Scale/run {string.Join(' ', args)}".TrimEnd();
try
{
    var measurement = options.Read is { } file
        ? await Measurement.ReadAsync(file)
        : new Measurement(TimeProvider.System.GetUtcNow(), command, Machine.Whole(), [], []);
    try
    {
        if (options.Read is null)
        {
            await ScaleRun.MeasureAsync(options, measurement.Points, measurement.Failures, stop.Token);
        }
    }
    finally
    {
        // What there is by then, also when it was interrupted.
        var report = new ScaleReport(measurement, options.Population);
        await report.WriteAsync(folder);
        Console.Write(report.ToMarkdown());
    }

    return measurement.Failures.Count == 0 && measurement.Points.TrueForAll(point => point.Trouble is null) ? 0 : 1;
}
catch (Exception exception) when (exception is OperationCanceledException or InvalidOperationException or IOException or System.Text.Json.JsonException)
{
    Console.Error.WriteLine($"bench/Scale: {exception.Message}");
    return 3;
}

// The servers are ended first.
void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}
