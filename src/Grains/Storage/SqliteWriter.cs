using System.Data.Common;

namespace Clinic.Storage;

/// <summary>
/// The turns of a SQLite database's one writer: a fair queue of this process instead of polling for the file's lock, and one connection that stays open, so that
/// what is prepared on it stays prepared.
/// </summary>
internal sealed class SqliteWriter(DbDataSource source) : IAsyncDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private DbConnection? _connection;

    /// <summary>Runs a write on the connection when it is its turn.</summary>
    public async Task<T> RunAsync<T>(Func<DbConnection, Task<T>> write, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            return await write(_connection ??= await source.OpenConnectionAsync(cancellation));
        }
        catch
        {
            // Whatever state it left the connection in, the next turn starts with a new one.
            if (_connection is { } broken)
            {
                _connection = null;
                await broken.DisposeAsync();
            }

            throw;
        }
        finally
        {
            _turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
        {
            await _connection.DisposeAsync();
        }

        _turn.Dispose();
    }
}
