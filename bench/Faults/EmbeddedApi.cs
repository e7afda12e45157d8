using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Clinic.Load;

namespace Clinic.Faults;

/// <summary>The Api alone, with its silo inside and SQLite in a folder of its own.</summary>
internal sealed class EmbeddedApi(string assembly, string folder, string serviceKey)
{
    private readonly Queue<string> _lines = new();
    private Process? _process;

    /// <summary>Where it listens, or will, since it was last launched.</summary>
    public Uri Address { get; private set; } = new("http://127.0.0.1:1");

    /// <summary>Builds the Api into a folder of its own.</summary>
    /// <returns>Its assembly.</returns>
    public static async Task<string> BuildAsync(string root)
    {
        var folder = Path.Combine(root, "artifacts", "faults", "api");
        var start = new ProcessStartInfo(
            "dotnet", ["publish", Path.Combine(root, "src", "Api"), "-c", "Release", "-o", folder, "-v", "q", "--nologo", "-p:UseSharedCompilation=false", "-p:BuildWebApp=false"])
        {
            RedirectStandardOutput = true,
        };
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        using var build = Process.Start(start)!;
        var output = await build.StandardOutput.ReadToEndAsync();
        await build.WaitForExitAsync();
        return build.ExitCode == 0
            ? Path.Combine(folder, "Clinic.Api.dll")
            : throw new InvalidOperationException($"the Api was not built:{Environment.NewLine}{output}");
    }

    public async Task<Uri> StartAsync()
    {
        Launch();
        return await ReadyAsync();
    }

    /// <summary>Starts the process and waits for nothing.</summary>
    public void Launch()
    {
        Address = new Uri($"http://127.0.0.1:{FreePort()}");
        var start = new ProcessStartInfo("dotnet", [assembly])
        {
            WorkingDirectory = Path.GetDirectoryName(assembly)!,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["ASPNETCORE_URLS"] = Address.ToString();
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Development";
        start.Environment["Cluster__Mode"] = "Embedded";
        start.Environment["Storage__Provider"] = "Sqlite";
        start.Environment["ConnectionStrings__Clinic"] = $"Data Source={Path.Combine(folder, "clinic.db")}";
        start.Environment["Auth__ServiceKeys__0"] = serviceKey;
        start.Environment["Silo__Port"] = FreePort();
        start.Environment["Silo__GatewayPort"] = FreePort();
        start.Environment["Demo__Seed"] = "false";
        _process = Process.Start(start)!;
        foreach (var stream in new[] { _process.StandardOutput, _process.StandardError })
        {
            _ = ReadAsync(stream, _lines);
        }
    }

    /// <summary>Returns its address when it answers that it is ready.</summary>
    public async Task<Uri> ReadyAsync()
    {
        using var http = LoadRun.NewHttp();
        for (var attempt = 0; attempt < 300; attempt++)
        {
            if (_process!.HasExited)
            {
                break;
            }

            try
            {
                using var answer = await http.GetAsync(new Uri(Address, "/health/ready"));
                if (answer.IsSuccessStatusCode)
                {
                    return Address;
                }
            }
            catch (Exception e) when (e is HttpRequestException or SocketException)
            {
                // Not listening yet.
            }

            await Task.Delay(100);
        }

        lock (_lines)
        {
            throw new InvalidOperationException($"the Api did not become ready:{Environment.NewLine}{string.Join(Environment.NewLine, _lines)}");
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
