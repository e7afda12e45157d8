using System.Data.Common;
using System.Runtime.CompilerServices;
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

    /// <summary>Sets the promises with the first opening; a connection that comes out of the pool again has them.</summary>
    private sealed class PromisingConnection(string connectionString) : SqliteConnection(connectionString)
    {
        private static readonly ConditionalWeakTable<object, object> Promising = [];

        public override void Open()
        {
            base.Open();
            if (Handle is not { } handle || Promising.TryGetValue(handle, out _))
            {
                return;
            }

            using var command = CreateCommand();
            command.CommandText = Promises;
            command.ExecuteNonQuery();
            Promising.AddOrUpdate(handle, handle);
        }
    }
}
