using System.Diagnostics.Tracing;
using Microsoft.Diagnostics.NETCore.Client;

namespace Clinic.Peers.Servers;

/// <summary>
/// Makes .NET processes collect their garbage, from outside and without a route for it: a diagnostic session whose keyword asks for a full
/// collection, as a heap dump does.
/// </summary>
internal static class DotnetCollection
{
    private const string RuntimeProvider = "Microsoft-Windows-DotNETRuntime";
    private const long CollectAndTell = 0x800001;

    // The runtime gives memory that stayed free over a number of collections back to the operating system, not at once.
    private const int Collections = 25;

    public static async Task RunAsync(IEnumerable<int> pids, CancellationToken cancellation)
    {
        foreach (var pid in pids)
        {
            var client = new DiagnosticsClient(pid);
            for (var count = 0; count < Collections; count++)
            {
                using var session = await client.StartEventPipeSessionAsync(
                    [new EventPipeProvider(RuntimeProvider, EventLevel.Informational, CollectAndTell)], requestRundown: false, circularBufferMB: 4, cancellation);
                var reading = session.EventStream.CopyToAsync(Stream.Null, cancellation);
                await session.StopAsync(cancellation);
                await reading;
            }
        }
    }
}
