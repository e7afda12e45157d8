using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Clinic.Databases;

/// <summary>
/// A PostgreSQL server of the tests' own: in a directory of its own, on a free port of the loopback address, as durable as in real life
/// (<c>fsync</c> is on). It ends with this process, also when that is killed.
/// </summary>
public sealed class PostgreSqlServer : IAsyncDisposable
{
    private const string KeepData = "keep";

    /// <summary>
    /// Starts the server, says so, and waits for a word. If none comes, because this process is done or was killed, it stops the server and
    /// deletes the directory.
    /// </summary>
    private const string Guard =
        """
        "$0" -D "$1/data" -l "$1/server.log" -w -t 60 -o "$2" start >/dev/null || { cat "$1/server.log" >&2; exit 1; }
        echo ready
        read -r word && [ "$word" = keep ] && exit 0
        "$0" -D "$1/data" -m immediate stop >/dev/null 2>&1
        cd / && rm -rf "$1"
        """;

    private static readonly Lazy<Task<PostgreSqlServer>> OfThisProcess = new(StartSharedAsync);

    private readonly string _directory;
    private Process? _guard;

    private PostgreSqlServer(string directory, int port)
    {
        _directory = directory;
        Port = port;
    }

    /// <summary>The port of the loopback address; stays the same over restarts.</summary>
    public int Port { get; }

    private string Data => Path.Combine(_directory, "data");

    /// <summary>The one server that all tests of a process share; started by the first that asks. Don't stop it.</summary>
    public static Task<PostgreSqlServer> SharedAsync() => OfThisProcess.Value;

    /// <summary>A server for a test that stops it.</summary>
    public static async Task<PostgreSqlServer> StartNewAsync()
    {
        var directory = PostgreSqlBinaries.CreateDirectory();
        var server = new PostgreSqlServer(directory, FreePort());
        try
        {
            await PostgreSqlBinaries.RunAsync(PostgreSqlBinaries.Command(
                "initdb", "-D", server.Data, "-U", "clinic", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync"));
            await server.StartAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it again on the same port and data.</summary>
    public async Task StartAsync()
    {
        var settings = $"-p {Port} -c listen_addresses=127.0.0.1 -k {_directory} -c max_connections=300 -c shared_buffers=32MB";
        _guard = Process.Start(PostgreSqlBinaries.AsServerUser("/bin/sh", "-c", Guard, PostgreSqlBinaries.PathOf("pg_ctl"), _directory, settings))!;
        if (await _guard.StandardOutput.ReadLineAsync() != "ready")
        {
            throw new InvalidOperationException($"PostgreSQL did not start: {await _guard.StandardError.ReadToEndAsync()}");
        }
    }

    /// <summary>Stops it: <paramref name="immediate"/> as a crash would, else after ending all sessions in an orderly way.</summary>
    public async Task StopAsync(bool immediate)
    {
        await PostgreSqlBinaries.RunAsync(PostgreSqlBinaries.Command("pg_ctl", "-D", Data, "-m", immediate ? "immediate" : "fast", "-w", "stop"));
        await ReleaseGuardAsync(KeepData);
    }

    /// <summary>Makes an empty database.</summary>
    /// <returns>Its connection string.</returns>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = $"clinic_{Guid.NewGuid():N}";
        await using var connection = new NpgsqlConnection(ConnectionString("postgres") + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "create database " + name;
        await command.ExecuteNonQueryAsync();
        return ConnectionString(name);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await ReleaseGuardAsync("");
        if (Directory.Exists(_directory))
        {
            Directory.Delete(_directory, recursive: true);
        }
    }

    private static async Task<PostgreSqlServer> StartSharedAsync()
    {
        var server = await StartNewAsync();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => server.DisposeAsync().AsTask().Wait(TimeSpan.FromSeconds(10));
        return server;
    }

    private string ConnectionString(string database) => $"Host=127.0.0.1;Port={Port};Username=clinic;Database={database}";

    private async Task ReleaseGuardAsync(string word)
    {
        if (_guard is { } guard)
        {
            _guard = null;
            if (word.Length > 0)
            {
                await guard.StandardInput.WriteLineAsync(word);
            }

            guard.StandardInput.Close();
            await guard.WaitForExitAsync();
            guard.Dispose();
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
