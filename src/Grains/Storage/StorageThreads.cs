using Npgsql;

namespace Clinic.Storage;

/// <summary>
/// Threads for what the PostgreSQL driver does not do asynchronously: when a statement's time is up, it opens another connection to have the statement cancelled, and
/// blocks a thread of the pool until the server answers (Npgsql 10.0, <c>NpgsqlConnector.DoCancelRequest</c>). Of a server that went silent, each connection can hold one
/// for some seconds; the pool has as many threads as the machine has cores, and hands out more only slowly, so that the whole process would stand still, and be taken
/// for dead.
/// </summary>
internal static class StorageThreads
{
    /// <summary>The pool may have one thread more for each connection at once. They exist only while they are needed.</summary>
    public static void Reserve(StorageOptions options)
    {
        if (options.Provider != StorageProvider.PostgreSql)
        {
            return;
        }

        ThreadPool.GetMinThreads(out var workers, out var completions);
        var connections = new NpgsqlConnectionStringBuilder(options.Complete()).MaxPoolSize;
        ThreadPool.SetMinThreads(Math.Max(workers, Environment.ProcessorCount + connections), completions);
    }
}
