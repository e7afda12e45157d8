using System.Net.Sockets;
using Clinic.Load;
using Clinic.Scale.Points;
using Clinic.Scale.Stages;
using Microsoft.Diagnostics.NETCore.Client;

namespace Clinic.Scale;

/// <summary>The stages, one after the other. One that fails is told of and left out.</summary>
internal static class ScaleRun
{
    private const int ConnectionsPerClinic = 100;

    /// <summary>Silos and hosts vary at once and not by each other: four starts show both.</summary>
    private static IEnumerable<Stage> CpuStages =>
        [new CpuStage(0, silos: 1, hosts: 2), new CpuStage(1, silos: 2, hosts: 1), new CpuStage(2, silos: 3, hosts: 2), new CpuStage(3, silos: 4, hosts: 3)];

    private static IEnumerable<Stage> MemoryStages =>
    [
        new MemoryStage(4, "one clinic", _ => 1),
        new MemoryStage(5, "large clinics", connections => connections / ConnectionsPerClinic) { HasCharts = true },
        new MemoryStage(6, "a clinic for each", connections => connections),
    ];

    public static async Task MeasureAsync(ScaleOptions options, ICollection<Point> points, ICollection<string> failures, CancellationToken cancellation)
    {
        using var http = LoadRun.NewHttp();
        foreach (var stage in (options.MeasuresCpu ? CpuStages : []).Concat(options.MeasuresMemory ? MemoryStages : []))
        {
            try
            {
                await stage.RunAsync(options, http, Take, cancellation);
            }
            catch (Exception exception) when (!cancellation.IsCancellationRequested && exception is InvalidOperationException or HttpRequestException or IOException
                or SocketException or TimeoutException or OperationCanceledException or DiagnosticsClientException)
            {
                failures.Add($"{stage.Name}: {exception.Message}");
                Console.Error.WriteLine($"bench/Scale: {stage.Name}: {exception.Message}");
            }
        }

        void Take(Point point)
        {
            points.Add(point);
            Console.WriteLine($"{point.Stage}, {point.Name}: {point.Cost} {point.Trouble}");
        }
    }
}
