using System.Runtime.InteropServices;
using Clinic.Load;
using Clinic.Load.Measures;
using Clinic.Peers;
using Clinic.Peers.Results;
using Clinic.Peers.Servers;
using Clinic.Peers.Workloads;

if (args is ["--help"] or ["-h"])
{
    Console.WriteLine(PeerOptions.Usage);
    return 0;
}

if (PeerOptions.Parse(args, out var mistake) is not { } options)
{
    Console.Error.WriteLine($"bench/Peers: {mistake}");
    Console.Error.WriteLine(PeerOptions.Usage);
    return 2;
}

Environment.SetEnvironmentVariable(PeerOptions.InlineCompletions, "1");
using var stop = new CancellationTokenSource();
using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

Peer New(string name) => name switch
{
    "socketio" => new SocketIoPeer(options, redis: false),
    "socketio-redis" => new SocketIoPeer(options, redis: true),
    "signalr" => new SignalRPeer(options, redis: false),
    "signalr-redis" => new SignalRPeer(options, redis: true),
    "clinic" => new ClinicPeer(options),
    _ => new ClinicClusterPeer(options),
};

var setUps = options.Peers.Select(New).ToDictionary(peer => peer.Name, peer => peer.SetUp);
var report = new PeerReport(TimeProvider.System.GetUtcNow(), $"bench/Peers/run {string.Join(' ', args)}".TrimEnd(), Machine.Whole(), setUps);
using var http = LoadRun.NewHttp();
Directory.CreateDirectory(options.Out);
try
{
    // One turn of each peer, then the next: what else the machine does meets them all.
    for (var repeat = 1; repeat <= options.Repeats; repeat++)
    {
        foreach (var name in options.Peers)
        {
            await using var peer = New(name);
            await peer.StartAsync(http, stop.Token);
            await new Turn(peer, options, http, repeat).RunAsync(report.Runs, Tell, stop.Token);
        }
    }
}
catch (Exception exception) when (exception is OperationCanceledException or InvalidOperationException)
{
    Console.Error.WriteLine($"bench/Peers: {exception.Message}");
    await WriteAsync();
    return 1;
}

await WriteAsync();
Console.WriteLine(report.ToMarkdown());
return report.Runs.TrueForAll(run => run.Error is null) ? 0 : 1;

// The servers are ended first.
void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}

void Tell(PeerRun run)
    => Console.WriteLine($"{run.Repeat} {run.Peer}, {run.Workload}: {string.Join(", ", run.Figures.Select(figure => $"{figure.Key} {figure.Value:0.##}"))} {run.Error}");

async Task WriteAsync()
{
    await File.WriteAllTextAsync(Path.Combine(options.Out, "result.json"), report.ToJson() + Environment.NewLine);
    await File.WriteAllTextAsync(Path.Combine(options.Out, "result.md"), report.ToMarkdown());
}
