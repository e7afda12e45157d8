using System.Data.Common;
using Clinic.Charts;
using Dapper;
using DbUp;
using DbUp.Builder;
using DbUp.Engine;
using DbUp.Engine.Output;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Clinic.Storage;

/// <summary>
/// Brings the database to the schema of this program; every process runs it at its start. Each script and its line in the journal are one
/// transaction, so an upgrade that was interrupted goes on where it stopped.
/// </summary>
public static partial class SchemaUpgrade
{
    private const string Journal = "schema_journal";
    private const int OldestPostgreSql = 15;
    private static readonly TimeSpan LongestStatement = TimeSpan.FromHours(1);

    /// <summary>Upgrades if there is something to upgrade.</summary>
    /// <exception cref="StorageSetupException">The database can't be reached, or is newer than this program.</exception>
    public static Task RunAsync(StorageOptions options, ILogger logger, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        return RunAsync(options, SchemaScripts.Of(options.Provider), logger, cancellation);
    }

    internal static async Task RunAsync(
        StorageOptions options, IReadOnlyList<SqlScript> scripts, ILogger logger, CancellationToken cancellation)
    {
        var connectionString = Unpooled(options);
        try
        {
            await using var turn = await SchemaLock.TakeAsync(options.Provider, connectionString, TimeProvider.System, cancellation);
            await using var connection = await OpenAsync(options.Provider, connectionString, cancellation);
            await RefuseNewerAsync(connection, options.Provider, scripts);
            // DbUp works synchronously; the start of a process has nothing better to do meanwhile.
            var result = Engine(options.Provider, connectionString, scripts, new UpgradeLog(logger)).PerformUpgrade();
            if (!result.Successful)
            {
                throw new StorageSetupException($"The schema upgrade {result.ErrorScript?.Name} failed: {result.Error.Message}", result.Error);
            }

            if (scripts.Any(s => s.Name == AccessTakeOver.Script))
            {
                await AccessTakeOver.RunAsync(connection, options.Provider, TimeProvider.System, cancellation);
            }

            UpToDate(logger, options.Provider, scripts.Count, result.Scripts.Count());
        }
        catch (Exception e) when (e is DbException or IOException or UnauthorizedAccessException or TimeoutException)
        {
            throw new StorageSetupException($"The database of {StorageOptions.Setting} ({Place(options.Provider, connectionString)}) can't be used: {e.Message}", e);
        }
    }

    private static async Task<DbConnection> OpenAsync(StorageProvider provider, string connectionString, CancellationToken cancellation)
    {
        DbConnection connection = provider == StorageProvider.PostgreSql
            ? new NpgsqlConnection(connectionString)
            : new SqliteConnection(connectionString);
        try
        {
            await connection.OpenAsync(cancellation);
            if (connection is NpgsqlConnection { PostgreSqlVersion: var version } && version.Major < OldestPostgreSql)
            {
                throw new StorageSetupException($"PostgreSQL {OldestPostgreSql} or newer is needed; the server is version {version}.");
            }

            if (connection is SqliteConnection)
            {
                // Kept in the file: readers and the one writer don't wait for each other.
                await connection.ExecuteAsync("pragma journal_mode = wal");
            }

            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static async Task RefuseNewerAsync(DbConnection connection, StorageProvider provider, IReadOnlyList<SqlScript> scripts)
    {
        var exists = provider == StorageProvider.PostgreSql
            ? "select to_regclass(@Journal) is not null"
            : "select count(*) from sqlite_master where type = 'table' and name = @Journal";
        if (!await connection.ExecuteScalarAsync<bool>(exists, new { Journal }))
        {
            return;
        }

        var done = await connection.QueryAsync<string>($"select scriptname from {Journal}");
        var unknown = done.Except(scripts.Select(s => s.Name), StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        if (unknown.Count > 0)
        {
            throw new StorageSetupException(
                $"The database of {StorageOptions.Setting} is newer than this program: it has the upgrade {unknown[^1]}, which this version does not know. Run the newer version.");
        }
    }

    private static UpgradeEngine Engine(StorageProvider provider, string connectionString, IReadOnlyList<SqlScript> scripts, IUpgradeLog log)
    {
        UpgradeEngineBuilder builder = provider == StorageProvider.PostgreSql
            ? DeployChanges.To.PostgresqlDatabase(connectionString).JournalToPostgresqlTable(null, Journal)
            : DeployChanges.To.SqliteDatabase(connectionString).JournalToSqliteTable(Journal);
        return builder
            .WithScripts(scripts)
            .WithTransactionPerScript()
            .WithVariablesDisabled()
            .WithExecutionTimeout(LongestStatement)
            .LogTo(log)
            .Build();
    }

    /// <summary>Connections of its own that close when they are done: what an upgrade sets must not live on in the pool.</summary>
    private static string Unpooled(StorageOptions options) => options.Provider == StorageProvider.PostgreSql
        ? new NpgsqlConnectionStringBuilder(options.Complete()) { Pooling = false, MaxAutoPrepare = 0 }.ConnectionString
        : new SqliteConnectionStringBuilder(options.Complete()) { Pooling = false }.ConnectionString;

    private static string Place(StorageProvider provider, string connectionString)
    {
        if (provider == StorageProvider.Sqlite)
        {
            return Path.GetFullPath(new SqliteConnectionStringBuilder(connectionString).DataSource);
        }

        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        return $"host {settings.Host}, port {settings.Port}, database {settings.Database}, user {settings.Username}";
    }

    [LoggerMessage(1, LogLevel.Information, "The {Provider} schema is at version {Version}; {Count} upgrades were run.")]
    private static partial void UpToDate(ILogger logger, StorageProvider provider, int version, int count);

    [LoggerMessage(2, LogLevel.Debug, "Schema upgrade: {Text}")]
    private static partial void Told(ILogger logger, string text);

    /// <summary>What DbUp says, for whoever looks closer; its outcome is in the result.</summary>
    private sealed class UpgradeLog(ILogger logger) : IUpgradeLog
    {
        public void LogTrace(string format, params object[] args) => Tell(format, args);

        public void LogDebug(string format, params object[] args) => Tell(format, args);

        public void LogInformation(string format, params object[] args) => Tell(format, args);

        public void LogWarning(string format, params object[] args) => Tell(format, args);

        public void LogError(string format, params object[] args) => Tell(format, args);

        public void LogError(Exception ex, string format, params object[] args) => Tell(format, args);

        private void Tell(string format, object[] args) =>
            Told(logger, args.Length == 0 ? format : string.Format(System.Globalization.CultureInfo.InvariantCulture, format, args));
    }
}
