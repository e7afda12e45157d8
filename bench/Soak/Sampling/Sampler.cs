using Clinic.Load.Events;
using Clinic.Load.Measures;
using Clinic.Load.Servers;
using Npgsql;

namespace Clinic.Soak.Sampling;

/// <summary>Reads every few seconds what processes and tables have.</summary>
internal sealed class Sampler(IReadOnlyList<ClusterProcess> processes, string database)
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    private const string TableSizes = """
        select c.relname, pg_total_relation_size(c.oid)
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema')
        """;

    private readonly List<Sample> _samples = [];

    public IReadOnlyList<Sample> Samples => _samples;

    /// <summary>Samples from <paramref name="start"/> on until it is cancelled.</summary>
    public async Task RunAsync(long start, CancellationToken stop)
    {
        await using var connection = new NpgsqlConnection(database + ";Pooling=false");
        await connection.OpenAsync(stop);
        using var timer = new PeriodicTimer(Every);
        try
        {
            do
            {
                var states = processes.ToDictionary(process => process.Name, process => State(process.Pid));
                _samples.Add(new Sample(MonotonicClock.Seconds(MonotonicClock.Now - start), states, await TablesAsync(connection, stop)));
            }
            while (await timer.WaitForNextTickAsync(stop));
        }
        catch (OperationCanceledException)
        {
            // The soak is over.
        }
    }

    private static ProcessState State(int pid)
    {
        var sum = new ProcessState(0, 0, 0);
        foreach (var one in ProcessTree.Of(pid))
        {
            try
            {
                sum = new ProcessState(
                    sum.Memory + ProcessMemory.Proportional(one),
                    sum.Handles + Directory.EnumerateFileSystemEntries($"/proc/{one}/fd").Count(),
                    sum.Threads + Directory.EnumerateDirectories($"/proc/{one}/task").Count());
            }
            catch (Exception exception) when (one != pid && exception is IOException or UnauthorizedAccessException or InvalidOperationException)
            {
                // A child that has just ended.
            }
        }

        return sum;
    }

    private static async Task<IReadOnlyDictionary<string, long>> TablesAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand(TableSizes, connection);
        await using var reader = await command.ExecuteReaderAsync(stop);
        var sizes = new Dictionary<string, long>();
        while (await reader.ReadAsync(stop))
        {
            sizes[reader.GetString(0)] = reader.GetInt64(1);
        }

        return sizes;
    }
}
