using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Npgsql;

namespace Clinic.Storage;

/// <summary>Which database holds the clinic's data.</summary>
public enum StorageProvider
{
    /// <summary>A file beside the process; embedded only.</summary>
    Sqlite = 0,

    /// <summary>A PostgreSQL server, version 15 or newer.</summary>
    PostgreSql = 1,
}

/// <summary>Where the data is: section <c>Storage</c> and <c>ConnectionStrings:Clinic</c>.</summary>
public sealed class StorageOptions
{
    /// <summary>The setting that holds the connection string, as an environment variable.</summary>
    internal const string Setting = "ConnectionStrings__Clinic";

    private const string DefaultFile = "Data Source=data/clinic.db";

    /// <summary>
    /// What a connection string to PostgreSQL need not say. A server that does not answer is noticed in 3 s, a statement gets 5 s, and an idle
    /// connection is checked every 10 s. 15 connections a process: three silos and two hosts stay below the 100 that a server takes by default;
    /// a write that finds all of them busy waits up to 3 s. 50 statements stay prepared on each, and are planned once instead of with each
    /// execution, which took 2 ms for a group commit that itself took half a millisecond; behind a pooler that shares sessions set both off
    /// (<c>Max Auto Prepare=0;Options=</c>).
    /// </summary>
    private const string PostgreSqlDefaults =
        "Application Name=clinic;Timeout=3;Command Timeout=5;Keepalive=10;Maximum Pool Size=15;"
        + "Max Auto Prepare=50;Auto Prepare Min Usages=2;Options='-c plan_cache_mode=force_generic_plan';";

    /// <summary>The database's kind. Default: SQLite when embedded, PostgreSQL when clustered.</summary>
    public StorageProvider Provider { get; set; }

    /// <summary>The connection string. Default: the file <c>data/clinic.db</c> when SQLite; required when PostgreSQL.</summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>Reads the settings.</summary>
    /// <exception cref="StorageSetupException">A setting is missing or can't be read.</exception>
    public static StorageOptions Read(IConfiguration configuration, bool clustered)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var name = configuration["Storage:Provider"];
        var provider = clustered ? StorageProvider.PostgreSql : StorageProvider.Sqlite;
        if (!string.IsNullOrEmpty(name) && !Enum.TryParse(name, ignoreCase: true, out provider))
        {
            throw new StorageSetupException($"Storage__Provider is neither {StorageProvider.Sqlite} nor {StorageProvider.PostgreSql}.");
        }

        if (clustered && provider == StorageProvider.Sqlite)
        {
            throw new StorageSetupException("A cluster needs PostgreSQL: set Storage__Provider to PostgreSql, or Cluster__Mode to Embedded.");
        }

        var options = new StorageOptions { Provider = provider, ConnectionString = configuration.GetConnectionString("Clinic") ?? "" };
        _ = options.Complete();
        return options;
    }

    /// <summary>The connection string with the defaults of this project in it.</summary>
    /// <exception cref="StorageSetupException">It is missing or can't be read.</exception>
    internal string Complete()
    {
        try
        {
            if (Provider == StorageProvider.Sqlite)
            {
                return new SqliteConnectionStringBuilder(ConnectionString.Length == 0 ? DefaultFile : ConnectionString).ConnectionString;
            }

            if (ConnectionString.Length == 0)
            {
                throw new StorageSetupException($"{Setting} is missing: the connection string of the PostgreSQL database.");
            }

            // Of a setting that is there twice the last one counts.
            return new NpgsqlConnectionStringBuilder(PostgreSqlDefaults + ConnectionString).ConnectionString;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or OverflowException or KeyNotFoundException)
        {
            // Without the cause: its text can quote the password.
            throw new StorageSetupException($"{Setting} can't be read: it has to be a {Provider} connection string, pairs of key=value with semicolons between.");
        }
    }
}
