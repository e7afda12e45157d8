using Clinic.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Clinic.Databases;

/// <summary>A database of one test, of either kind: empty, or with this program's schema.</summary>
public sealed class FreshDatabase : IAsyncDisposable
{
    private readonly SqliteFile? _file;

    private FreshDatabase(StorageOptions options, SqliteFile? file)
    {
        _file = file;
        Options = options;
        Database = new ClinicDatabase(options);
    }

    /// <summary>What a process is configured with to use it.</summary>
    public StorageOptions Options { get; }

    /// <summary>A way to it; a test that plays several processes makes more.</summary>
    public ClinicDatabase Database { get; }

    /// <summary>A database without anything in it.</summary>
    public static async Task<FreshDatabase> CreateEmptyAsync(StorageProvider provider)
    {
        if (provider == StorageProvider.PostgreSql)
        {
            var server = await PostgreSqlServer.SharedAsync();
            return new FreshDatabase(new StorageOptions { Provider = provider, ConnectionString = await server.CreateDatabaseAsync() }, null);
        }

        var file = new SqliteFile();
        return new FreshDatabase(new StorageOptions { Provider = provider, ConnectionString = file.ConnectionString }, file);
    }

    /// <summary>A database with the schema.</summary>
    public static async Task<FreshDatabase> CreateAsync(StorageProvider provider)
    {
        var database = await CreateEmptyAsync(provider);
        await SchemaUpgrade.RunAsync(database.Options, NullLogger.Instance);
        return database;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        _file?.Dispose();
    }
}
