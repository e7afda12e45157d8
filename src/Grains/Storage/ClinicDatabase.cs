using System.Data.Common;
using Npgsql;

namespace Clinic.Storage;

/// <summary>
/// The process's way to the database. Reads run side by side. Writes are transactions; on SQLite, which has one writer, they take turns in a
/// fair queue of this process instead of polling for the file's lock.
/// </summary>
public sealed class ClinicDatabase : IAsyncDisposable
{
    private readonly SqliteWriter? _sqliteWriter;

    /// <summary>Opens nothing yet.</summary>
    public ClinicDatabase(StorageOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        DapperTypes.Register();
        Provider = options.Provider;
        if (Provider == StorageProvider.PostgreSql)
        {
            PostgreSql = NpgsqlDataSource.Create(options.Complete());
            DataSource = PostgreSql;
        }
        else
        {
            DataSource = new SqliteDataSource(options.Complete());
            _sqliteWriter = new SqliteWriter(DataSource);
        }
    }

    /// <summary>The database's kind, for the few statements that differ.</summary>
    public StorageProvider Provider { get; }

    /// <summary>For Orleans' providers and the health check.</summary>
    public DbDataSource DataSource { get; }

    /// <summary>The PostgreSQL data source, for its batches; null on SQLite.</summary>
    public NpgsqlDataSource? PostgreSql { get; }

    /// <summary>Runs a read on a connection of its own.</summary>
    /// <exception cref="DbException">The database can't be reached or refused.</exception>
    public async Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> read, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(read);
        await using var connection = await DataSource.OpenConnectionAsync(cancellation);
        return await read(connection);
    }

    /// <summary>
    /// Runs a write in a transaction that commits when <paramref name="write"/> returns and rolls back when it throws. After an exception of
    /// the commit itself it is unknown whether it happened.
    /// </summary>
    /// <exception cref="DbException">The database can't be reached or refused.</exception>
    public Task<T> WriteAsync<T>(Func<DbTransaction, Task<T>> write, CancellationToken cancellation = default) =>
        WriteAsync(write, static _ => true, cancellation);

    /// <summary>As above, for a write that may turn out to be refused: it rolls back when <paramref name="keeps"/> says no to its result.</summary>
    /// <exception cref="DbException">The database can't be reached or refused.</exception>
    public async Task<T> WriteAsync<T>(Func<DbTransaction, Task<T>> write, Func<T, bool> keeps, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(write);
        ArgumentNullException.ThrowIfNull(keeps);
        if (_sqliteWriter is not null)
        {
            return await _sqliteWriter.RunAsync(connection => WriteOnAsync(connection, write, keeps, cancellation), cancellation);
        }

        await using var own = await DataSource.OpenConnectionAsync(cancellation);
        return await WriteOnAsync(own, write, keeps, cancellation);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_sqliteWriter is not null)
        {
            await _sqliteWriter.DisposeAsync();
        }

        await DataSource.DisposeAsync();
    }

    private static async Task<T> WriteOnAsync<T>(
        DbConnection connection, Func<DbTransaction, Task<T>> write, Func<T, bool> keeps, CancellationToken cancellation)
    {
        // On SQLite this is BEGIN IMMEDIATE: the write lock is taken here and not in the middle.
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var result = await write(transaction);
        if (keeps(result))
        {
            await transaction.CommitAsync(cancellation);
        }
        else
        {
            await transaction.RollbackAsync(cancellation);
        }

        return result;
    }
}
