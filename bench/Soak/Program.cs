using Clinic.Load.Servers;
using Clinic.Soak;

if (args is ["--help"] or ["-h"])
{
    Console.WriteLine(SoakOptions.Usage);
    return 0;
}

if (SoakOptions.Parse(args, out var mistake) is not { } options)
{
    Console.Error.WriteLine($"bench/Soak: {mistake}");
    Console.Error.WriteLine(SoakOptions.Usage);
    return 2;
}

var cluster = new LocalCluster(LocalCluster.FindRoot());
try
{
    var report = await SoakRun.RunAsync(options, cluster, $"bench/Soak {string.Join(' ', args)}".TrimEnd(), TimeProvider.System);
    var folder = options.Out ?? Path.Combine(cluster.Root, "artifacts", "soak");
    await report.WriteAsync(folder);
    Console.Write(report.ToMarkdown());
    foreach (var broken in report.Broken)
    {
        Console.WriteLine($"BROKEN: {broken}");
    }

    return report.Broken.Any() ? 1 : 0;
}
catch (Exception exception) when (exception is InvalidOperationException or HttpRequestException or Npgsql.NpgsqlException or IOException)
{
    Console.Error.WriteLine($"bench/Soak: {exception.Message}");
    return 3;
}
finally
{
    await cluster.RunAsync("stop");
}
