using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Clinic.Load;

namespace Clinic.Faults;

/// <summary>The Api alone, with its silo inside and SQLite in a folder of its own.</summary>
internal sealed class EmbeddedApi(string assembly, string folder, string serviceKey)
{
    private Process? _process;

    public async Task<Uri> StartAsync()
    {
        var address = new Uri($"http://127.0.0.1:{FreePort()}");
        var start = new ProcessStartInfo("dotnet", [assembly])
        {
            WorkingDirectory = Path.GetDirectoryName(assembly)!,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["ASPNETCORE_URLS"] = address.ToString();
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Development";
        start.Environment["Cluster__Mode"] = "Embedded";
        start.Environment["Storage__Provider"] = "Sqlite";
        start.Environment["ConnectionStrings__Clinic"] = $"Data Source={Path.Combine(folder, "clinic.db")}";
        start.Environment["Auth__ServiceKeys__0"] = serviceKey;
        start.Environment["Silo__Port"] = FreePort();
        start.Environment["Silo__GatewayPort"] = FreePort();
        start.Environment["Demo__Seed"] = "false";
        _process = Process.Start(start)!;
        var lines = new Queue<string>();
        foreach (var stream in new[] { _process.StandardOutput, _process.StandardError })
        {
            _ = ReadAsync(stream, lines);
        }

        using var http = LoadRun.NewHttp();
        for (var attempt = 0; attempt < 150; attempt++)
        {
            if (_process.HasExited)
            {
                break;
            }

            try
            {
                using var answer = await http.GetAsync(new Uri(address, "/health/ready"));
                if (answer.IsSuccessStatusCode)
                {
                    return address;
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            await Task.Delay(200);
        }

        lock (lines)
        {
            throw new InvalidOperationException($"the Api did not become ready:{Environment.NewLine}{string.Join(Environment.NewLine, lines)}");
        }
    }

    public async Task StopAsync(string signal)
    {
        if (_process is not { HasExited: false } process)
        {
            return;
        }

        using var kill = Process.Start("kill", [$"-{signal}", process.Id.ToString(CultureInfo.InvariantCulture)]);
        try
        {
            await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(20));
        }
        catch (TimeoutException)
        {
            process.Kill();
            throw new InvalidOperationException("the Api did not end within 20 s of SIGTERM");
        }
    }

    private static async Task ReadAsync(StreamReader stream, Queue<string> lines)
    {
        while (await stream.ReadLineAsync() is { } line)
        {
            lock (lines)
            {
                lines.Enqueue(line);
                if (lines.Count > 40)
                {
                    lines.Dequeue();
                }
            }
        }
    }

    private static string FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
    }
}
