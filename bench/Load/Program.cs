using Clinic.Load;

if (args is ["--help"] or ["-h"])
{
    Console.WriteLine(LoadOptions.Usage);
    return 0;
}

var options = LoadOptions.Parse(args, out var mistake);
if (mistake is not null)
{
    Console.Error.WriteLine($"bench/Load: {mistake}");
    Console.Error.WriteLine(LoadOptions.Usage);
    return 2;
}

// Read once, at the first socket: a message is handled on the thread that saw it arrive, which spares a hand-over for each.
const string InlineCompletions = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";
Environment.SetEnvironmentVariable(InlineCompletions, Environment.GetEnvironmentVariable(InlineCompletions) ?? "1");

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stop.Cancel();
};

using var run = new LoadRun(options, TimeProvider.System, $"bench/Load {LoadOptions.WithoutKeys(args)}");
try
{
    var report = await run.RunAsync(stop.Token);
    Console.Write(report.ToTable());
    if (options.Json is { } file)
    {
        await File.WriteAllTextAsync(file, report.ToJson() + Environment.NewLine);
    }

    return report.IsClean ? 0 : 1;
}
catch (Exception exception) when (exception is InvalidOperationException or HttpRequestException or OperationCanceledException)
{
    Console.Error.WriteLine($"bench/Load: {exception.Message}");
    return 3;
}
