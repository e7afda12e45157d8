using Dapper;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Clinic.Storage;

/// <summary>
/// Threads for what the PostgreSQL driver does not do asynchronously: when a statement's time is up, it opens another connection to have the statement cancelled, and
/// blocks a thread of the pool until the server answers (Npgsql 10.0, <c>NpgsqlConnector.DoCancelRequest</c>). Of a server that went silent, each connection can hold one
/// for some seconds; the pool has as many threads as the machine has cores, and hands out more only slowly, so that the whole process would stand still, and be taken
/// for dead. So the database is asked a trifle each second, and while it gives no answer, the pool may have a thread more for each connection. Not always: a pool that may have
/// more threads than cores wakes one for nearly each message (decision 0020).
/// </summary>
internal sealed partial class StorageThreads(ClinicDatabase database, StorageOptions options, TimeProvider time, ILogger<StorageThreads> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <summary>Well before the first statement's time is up, <see cref="NpgsqlConnectionStringBuilder.CommandTimeout"/>, 5 s by default.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        ThreadPool.GetMinThreads(out var usual, out var completions);
        var connections = new NpgsqlConnectionStringBuilder(options.Complete()).MaxPoolSize;
        using var timer = new PeriodicTimer(Period, time);
        var reserved = false;
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                var asked = AskAsync(stoppingToken);
                var isInTime = await Task.WhenAny(asked, Task.Delay(Silence, time, stoppingToken)) == asked;
                if (!isInTime)
                {
                    Silent(logger, Silence.TotalSeconds);
                    reserved = ThreadPool.SetMinThreads(Math.Max(usual, Environment.ProcessorCount + connections), completions);
                }

                if (await asked && isInTime && reserved)
                {
                    reserved = !ThreadPool.SetMinThreads(usual, completions);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    /// <summary>Whether the database answered; one that refuses says so at once, and blocks nobody.</summary>
    private async Task<bool> AskAsync(CancellationToken stopping)
    {
        try
        {
            return await database.ReadAsync(connection => connection.ExecuteScalarAsync<int>(new CommandDefinition("select 1", cancellationToken: stopping)), stopping) == 1;
        }
        catch (Exception) when (!stopping.IsCancellationRequested)
        {
            // Whatever breaks with a connection: this is a question, and must not end the process.
            return false;
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The database has not answered for {Seconds} s.")]
    private static partial void Silent(ILogger logger, double seconds);
}
