using Microsoft.Data.Sqlite;
using Npgsql;

namespace Clinic.Storage;

/// <summary>
/// Lets one process at a time upgrade a database. It goes with the process: PostgreSQL frees an advisory lock when its session ends, the
/// operating system frees a file's lock when its holder dies.
/// </summary>
internal static class SchemaLock
{
    /// <summary>Any number will do that nobody else locks in the same database.</summary>
    private const long Key = 4_207_849_484_551_201;

    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(50);

    /// <summary>Waits until it is this process's turn.</summary>
    public static Task<IAsyncDisposable> TakeAsync(StorageProvider provider, string connectionString, TimeProvider time, CancellationToken cancellation) =>
        provider == StorageProvider.PostgreSql
            ? TakeSessionAsync(connectionString, cancellation)
            : TakeFileAsync(new SqliteConnectionStringBuilder(connectionString).DataSource, time, cancellation);

    private static async Task<IAsyncDisposable> TakeSessionAsync(string connectionString, CancellationToken cancellation)
    {
        var connection = new NpgsqlConnection(connectionString);
        try
        {
            await connection.OpenAsync(cancellation);
            // No time limit: the other process may have a long upgrade to do.
            await using var command = new NpgsqlCommand("select pg_advisory_lock($1)", connection) { CommandTimeout = 0 };
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = Key });
            await command.ExecuteNonQueryAsync(cancellation);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static async Task<IAsyncDisposable> TakeFileAsync(string database, TimeProvider time, CancellationToken cancellation)
    {
        var path = Path.GetFullPath(database);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        while (true)
        {
            try
            {
                // The file stays: deleting it would let two processes hold locks on two files of the same name.
                return new FileStream(path + ".upgrade-lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(path + ".upgrade-lock"))
            {
                await Task.Delay(LookAgain, time, cancellation);
            }
        }
    }
}
