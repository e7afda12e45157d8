using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace Clinic.Peers.Servers;

/// <summary>A process of a peer, on the servers' core, that was started here.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Queue<string> _lines = new();
    private TaskCompletionSource<string>? _nextLine;

    private ServerProcess(Process process) => _process = process;

    public int Pid => _process.Id;

    public static ServerProcess Start(int core, string folder, IReadOnlyDictionary<string, string> environment, params string[] command)
    {
        var start = new ProcessStartInfo("taskset", ["-c", core.ToString(CultureInfo.InvariantCulture), .. command])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // What tunes the generator is not for the servers.
        start.Environment.Remove(PeerOptions.InlineCompletions);
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var server = new ServerProcess(Process.Start(start)!);
        _ = server.ReadAsync(server._process.StandardOutput);
        _ = server.ReadAsync(server._process.StandardError);
        return server;
    }

    /// <summary>Waits until <c>/health/ready</c> answers 200.</summary>
    public async Task ReadyAsync(HttpClient http, Uri host, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        for (var attempt = 0; attempt < 600 && !_process.HasExited; attempt++)
        {
            try
            {
                using var answer = await http.GetAsync(new Uri(host, "/health/ready"), cancellation);
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (Exception exception) when (exception is HttpRequestException or SocketException)
            {
                // Not listening yet.
            }

            await timer.WaitForNextTickAsync(cancellation);
        }

        lock (_lines)
        {
            throw new InvalidOperationException($"a server was not ready after 60 s:{Environment.NewLine}{string.Join(Environment.NewLine, _lines)}");
        }
    }

    /// <summary>Sends a signal and waits for the next line that the process writes.</summary>
    public async Task<string> AskAsync(string signal)
    {
        var line = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lines)
        {
            _nextLine = line;
        }

        Kill(signal);
        return await line.Task.WaitAsync(TimeSpan.FromSeconds(20));
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            Kill("TERM");
            try
            {
                await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(20));
            }
            catch (TimeoutException)
            {
                _process.Kill();
                await _process.WaitForExitAsync();
            }
        }

        _process.Dispose();
    }

    private void Kill(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", Pid.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    private async Task ReadAsync(StreamReader stream)
    {
        while (await stream.ReadLineAsync() is { } line)
        {
            lock (_lines)
            {
                _lines.Enqueue(line);
                _nextLine?.TrySetResult(line);
                _nextLine = null;
                if (_lines.Count > 40)
                {
                    _lines.Dequeue();
                }
            }
        }
    }
}
