using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Clinic.Publisher;

/// <summary>An Api with its silo inside, or an example application, as a process of its own.</summary>
internal sealed class LiveProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(90);
    private readonly Process _process;
    private readonly List<string> _output = [];
    private bool _disposed;

    private LiveProcess(string file, string[] arguments, Uri address, string directory, Dictionary<string, string> settings)
    {
        Address = address;
        var info = new ProcessStartInfo(file, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = directory,
        };
        foreach (var (name, value) in settings)
        {
            info.Environment[name] = value;
        }

        _process = new Process { StartInfo = info };
        _process.OutputDataReceived += (_, e) => Keep(e.Data);
        _process.ErrorDataReceived += (_, e) => Keep(e.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public Uri Address { get; }

    public static LiveProcess Api(int port, string directory, string serviceKey) => new(
        "dotnet", [Built("Clinic.Api.dll")], AddressOf(port), directory, new()
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["ASPNETCORE_URLS"] = AddressOf(port).ToString(),
            ["ConnectionStrings__Clinic"] = $"Data Source={Path.Combine(directory, "clinic.db")}",
            ["Auth__ServiceKeys__0"] = serviceKey,
        });

    public static LiveProcess MinimalApi(string directory, Uri clinic, string serviceKey)
    {
        var address = AddressOf(FreePort());
        return new LiveProcess("dotnet", [Path.Combine(Installed(), "minimal", "Clinic.MinimalApi.dll")], address, directory, new()
        {
            ["ASPNETCORE_URLS"] = address.ToString(),
            ["Clinic__Url"] = clinic.ToString(),
            ["Clinic__ServiceKey"] = serviceKey,
        });
    }

    public static LiveProcess Express(string directory, Uri clinic, string serviceKey)
    {
        var port = FreePort();
        return new LiveProcess("node", [Path.Combine(Installed(), "express", "server.mjs")], AddressOf(port), directory, new()
        {
            ["PORT"] = port.ToString(CultureInfo.InvariantCulture),
            ["CLINIC_URL"] = clinic.ToString(),
            ["CLINIC_SERVICE_KEY"] = serviceKey,
        });
    }

    /// <summary>Copies of the examples with the packages as others get them.</summary>
    private static string Installed() => Environment.GetEnvironmentVariable("CLINIC_EXAMPLES") is { Length: > 0 } folder
        ? folder
        : throw new InvalidOperationException("CLINIC_EXAMPLES is not set: run ./test/run --only publisher, or examples/install FOLDER and set it to the folder.");

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Waits until it answers at a path, with anything but a server's fault.</summary>
    public async Task ReadyAsync(string path)
    {
        using var client = new HttpClient { BaseAddress = Address };
        using var limit = new CancellationTokenSource(StartLimit);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!limit.IsCancellationRequested && !_process.HasExited && await timer.WaitForNextTickAsync(CancellationToken.None))
        {
            try
            {
                if ((int)(await client.GetAsync(new Uri(path, UriKind.Relative), limit.Token)).StatusCode < 500)
                {
                    return;
                }
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
            {
                // It does not listen yet.
            }
        }

        throw new TimeoutException($"{Address} did not become ready:\n{Output()}");
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Ends it, the second time for nothing.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
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

    private static Uri AddressOf(int port) => new($"http://127.0.0.1:{port}");

    private static string Built(string dll) => Path.Combine(AppContext.BaseDirectory, dll);

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
}
