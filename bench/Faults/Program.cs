using Clinic.Faults;
using Clinic.Load.Measures;
using Clinic.Load.Servers;

if (args is ["--help"] or ["-h"])
{
    Console.WriteLine(FaultOptions.Usage);
    return 0;
}

if (FaultOptions.Parse(args, out var mistake) is not { } options)
{
    Console.Error.WriteLine($"bench/Faults: {mistake}");
    Console.Error.WriteLine(FaultOptions.Usage);
    return 2;
}

var time = TimeProvider.System;
var cluster = new LocalCluster(LocalCluster.FindRoot());
var report = new FaultReport
{
    Scenario = options.Scenario,
    Date = time.GetUtcNow(),
    Command = $"bench/Faults {string.Join(' ', args)}",
    Machine = Machine.Here(),
};
try
{
    await (options.Scenario switch
    {
        "postgres" => PostgresDrill.RunAsync(options, cluster, time, report),
        "records" => RecordDrill.RunAsync(options, cluster.Root, time, report),
        "silos" => SilosDrill.RunAsync(options, cluster, time, report),
        "schedule" => ScheduleDrill.RunAsync(options, cluster, time, report),
        "restart" => RestartDrill.RunAsync(options, cluster, time, report),
        _ => ClusterDrill.RunAsync(options, cluster, time, report),
    });
}
catch (Exception exception) when (exception is InvalidOperationException or HttpRequestException or TimeoutException
    or Microsoft.AspNetCore.SignalR.HubException or System.Net.WebSockets.WebSocketException)
{
    report.Violations.Add($"the drill could not go on: {exception.Message}");
}
finally
{
    if (!options.Keep && options.Scenario != "records")
    {
        await cluster.RunAsync("stop");
    }
}

Console.Write(report.ToTable());
if (options.Json is { } file)
{
    await File.WriteAllTextAsync(file, report.ToJson() + Environment.NewLine);
}

return report.Violations.Count == 0 ? 0 : 1;
