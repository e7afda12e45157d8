using Microsoft.Data.Sqlite;

namespace Clinic.Databases;

/// <summary>A place for a SQLite database of one test; the file comes with the first connection.</summary>
public sealed class SqliteFile : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("clinic-sqlite-").FullName;

    /// <summary>Where the file is or will be; its folder does not exist yet either.</summary>
    public string Path => System.IO.Path.Combine(_directory, "data", "clinic.db");

    /// <summary>The connection string.</summary>
    public string ConnectionString => $"Data Source={Path}";

    /// <inheritdoc />
    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(_directory, recursive: true);
    }
}
