using Clinic.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Npgsql;

namespace Clinic.Settings;

/// <summary>Finds the database of a process in its configuration.</summary>
public static class StorageSettings
{
    private const string ProviderKey = "Storage:Provider";
    private const string ConnectionKey = "ConnectionStrings:Clinic";

    /// <summary>Reads <c>Storage:Provider</c> and <c>ConnectionStrings:Clinic</c>.</summary>
    /// <param name="configuration">The process's configuration.</param>
    /// <param name="clustered">Several processes share the database, which a SQLite file can't serve.</param>
    /// <param name="directory">Where <c>data/clinic.db</c> is put when nothing else is said.</param>
    /// <exception cref="SettingException">A setting is missing or makes no sense.</exception>
    public static StorageOptions ReadStorage(this IConfiguration configuration, bool clustered, string directory)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var provider = Provider(configuration[ProviderKey], clustered);
        var connection = configuration[ConnectionKey];
        if (provider == StorageProvider.Sqlite)
        {
            return new StorageOptions { Provider = provider, ConnectionString = Sqlite(connection, directory) };
        }

        return string.IsNullOrWhiteSpace(connection)
            ? throw new SettingException($"{SettingReader.NameOf(ConnectionKey)} is missing: PostgreSQL needs a connection string.")
            : new StorageOptions { Provider = provider, ConnectionString = Checked<NpgsqlConnectionStringBuilder>(connection).ConnectionString };
    }

    private static StorageProvider Provider(string? text, bool clustered)
    {
        var name = SettingReader.NameOf(ProviderKey);
        if (string.IsNullOrWhiteSpace(text))
        {
            return clustered ? StorageProvider.PostgreSql : StorageProvider.Sqlite;
        }

        if (string.Equals(text, nameof(StorageProvider.PostgreSql), StringComparison.OrdinalIgnoreCase))
        {
            return StorageProvider.PostgreSql;
        }

        if (!string.Equals(text, nameof(StorageProvider.Sqlite), StringComparison.OrdinalIgnoreCase))
        {
            throw new SettingException($"{name} is wrong: it is Sqlite or PostgreSql.");
        }

        return clustered
            ? throw new SettingException($"{name} is wrong: SQLite is for Cluster__Mode=Embedded, several processes need PostgreSql.")
            : StorageProvider.Sqlite;
    }

    private static string Sqlite(string? connection, string directory)
    {
        if (!string.IsNullOrWhiteSpace(connection))
        {
            return Checked<SqliteConnectionStringBuilder>(connection).ConnectionString;
        }

        return new SqliteConnectionStringBuilder { DataSource = Path.Combine(directory, "data", "clinic.db") }.ConnectionString;
    }

    private static T Checked<T>(string connection)
        where T : System.Data.Common.DbConnectionStringBuilder, new()
    {
        try
        {
            return new T { ConnectionString = connection };
        }
        catch (Exception e) when (e is ArgumentException or FormatException or NotSupportedException or InvalidOperationException)
        {
            // Not the message: it can repeat a part of the string, which holds a password.
            throw new SettingException($"{SettingReader.NameOf(ConnectionKey)} is not a connection string of the chosen database.", e);
        }
    }
}
