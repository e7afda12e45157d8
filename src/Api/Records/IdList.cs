using System.Data.Common;
using Npgsql;

namespace Clinic.Records;

/// <summary>"One of these ids" in SQL: PostgreSQL takes the list as one array, for SQLite Dapper writes it out.</summary>
internal static class IdList
{
    /// <summary>The condition that follows the column; <paramref name="parameter"/> is an array, with its <c>@</c>.</summary>
    public static string IsIn(this DbConnection connection, string parameter) =>
        connection is NpgsqlConnection ? $"= any({parameter})" : $"in {parameter}";
}
