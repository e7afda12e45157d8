using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Clinic;

/// <summary>A silo or an Api host as a process of its own, as an operator starts it.</summary>
internal sealed class ClinicProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(90);
    private readonly Process _process;
    private readonly List<string> _output = [];

    private ClinicProcess(Process process, Uri address)
    {
        _process = process;
        Address = address;
        process.OutputDataReceived += (_, e) => Keep(e.Data);
        process.ErrorDataReceived += (_, e) => Keep(e.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public Uri Address { get; }

    public static ClinicProcess Silo(string connectionString, params (string Name, string Value)[] settings)
    {
        var http = FreePort();
        return Start("Clinic.Silo.dll", http, new()
        {
            ["ConnectionStrings__Clinic"] = connectionString,
            ["Silo__Port"] = Text(FreePort()),
            ["Silo__GatewayPort"] = Text(FreePort()),
            ["Silo__HttpPort"] = Text(http),
        }, settings);
    }

    public static ClinicProcess Host(string connectionString, string serviceKey, params (string Name, string Value)[] settings)
    {
        var http = FreePort();
        return Start("Clinic.Api.dll", http, new()
        {
            ["ConnectionStrings__Clinic"] = connectionString,
            ["Cluster__Mode"] = "Clustered",
            ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{http}",
            ["Auth__ServiceKeys__0"] = serviceKey,
        }, settings);
    }

    /// <summary>An Api with a silo inside and a SQLite file, which may have a hook in it that kills it; see <see cref="KillAfterCommit"/>.</summary>
    public static ClinicProcess Embedded(string connectionString, int? killAfterWrites = null, params (string Name, string Value)[] settings)
    {
        var http = FreePort();
        var all = new Dictionary<string, string>
        {
            ["ConnectionStrings__Clinic"] = connectionString,
            ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{http}",
            ["Silo__Port"] = Text(FreePort()),
            ["Silo__GatewayPort"] = Text(FreePort()),
            ["Demo__Seed"] = "false",
        };
        if (killAfterWrites is { } writes)
        {
            all["DOTNET_STARTUP_HOOKS"] = KillAfterCommit.Assembly;
            all[KillAfterCommit.Variable] = Text(writes);
        }

        return Start("Clinic.Api.dll", http, all, settings);
    }

    public async Task ReadyAsync()
    {
        using var client = new HttpClient { BaseAddress = Address };
        using var limit = new CancellationTokenSource(StartLimit);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (await timer.WaitForNextTickAsync(CancellationToken.None))
        {
            try
            {
                if ((await client.GetAsync(new Uri("/health/ready", UriKind.Relative), limit.Token)).IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"{Address} did not become ready:\n{Output()}");
            }

            if (_process.HasExited || limit.IsCancellationRequested)
            {
                throw new TimeoutException($"{Address} did not become ready:\n{Output()}");
            }
        }
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Returns when it has ended by itself.</summary>
    public async Task EndedAsync()
    {
        try
        {
            await _process.WaitForExitAsync().WaitAsync(StartLimit);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"{Address} never ended:\n{Output()}");
        }
    }

    public bool HasExited => _process.HasExited;

    /// <summary>SIGTERM, and waits for its end.</summary>
    public async Task EndAsync()
    {
        await SignalAsync("TERM");
        await EndedAsync();
    }

    /// <summary>SIGSTOP.</summary>
    public Task HangAsync() => SignalAsync("STOP");

    /// <summary>SIGCONT.</summary>
    public Task ContinueAsync() => SignalAsync("CONT");

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", Text(_process.Id)]);
        await kill.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    public string Output()
    {
        lock (_output)
        {
            return string.Join('\n', _output.TakeLast(60));
        }
    }

    private static ClinicProcess Start(string dll, int http, Dictionary<string, string> settings, (string Name, string Value)[] more)
    {
        var info = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, dll)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = AppContext.BaseDirectory,
        };
        info.Environment["ASPNETCORE_ENVIRONMENT"] = "Development";
        foreach (var (name, value) in settings.Select(s => (s.Key, s.Value)).Concat(more))
        {
            info.Environment[name] = value;
        }

        return new ClinicProcess(new Process { StartInfo = info }, new Uri($"http://127.0.0.1:{http}"));
    }

    private void Keep(string? line)
    {
        lock (_output)
        {
            if (line is not null)
            {
                _output.Add(line);
            }
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string Text(int port) => port.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
