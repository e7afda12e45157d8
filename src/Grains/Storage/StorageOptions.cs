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
    /// <summary>The database's kind. Default: SQLite when embedded, PostgreSQL when clustered.</summary>
    public StorageProvider Provider { get; set; }

    /// <summary>The connection string. Default: the file <c>data/clinic.db</c> when SQLite; required when PostgreSQL.</summary>
    public string ConnectionString { get; set; } = "";
}
