using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Clinic.Storage;

/// <summary>
/// Opens connections that all have the same promises. <c>synchronous=FULL</c>: a commit has reached the disk when it returns, also in WAL mode,
/// whatever the library was compiled with. <c>busy_timeout</c>: the library itself waits for another writer, looking again after 1 to 100 ms;
/// the driver's own loop would look every 150 ms only.
/// </summary>
internal sealed class SqliteDataSource(string connectionString) : DbDataSource
{
    private const string Promises = "pragma synchronous = full; pragma busy_timeout = 5000;";

    public override string ConnectionString => connectionString;

    protected override DbConnection CreateDbConnection() => new PromisingConnection(connectionString);

    /// <summary>Sets the promises with each opening; a pooled connection has them already, and setting them again costs microseconds.</summary>
    private sealed class PromisingConnection(string connectionString) : SqliteConnection(connectionString)
    {
        public override void Open()
        {
            base.Open();
            using var command = CreateCommand();
            command.CommandText = Promises;
            command.ExecuteNonQuery();
        }
    }
}
