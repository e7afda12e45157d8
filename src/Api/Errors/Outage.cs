using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Clinic.Errors;

/// <summary>Tells infrastructure that can't be reached for a while from a bug.</summary>
internal static class Outage
{
    /// <summary>SQLite's busy, locked, read-only, I/O error, full and can't-open: the file's surroundings, not the statement.</summary>
    private static readonly int[] SqliteOutages = [5, 6, 8, 10, 13, 14];

    /// <summary>Whether another try later may succeed with nothing changed.</summary>
    public static bool Is(Exception exception) => exception switch
    {
        SqliteException sqlite => SqliteOutages.Contains(sqlite.SqliteErrorCode),
        DbException database => database.IsTransient,
        TimeoutException or OrleansException => true,
        // The client is still there (or nobody would be asking), so it was us who gave up: a deadline, or the host is stopping.
        OperationCanceledException => true,
        AggregateException { InnerExceptions: [var only] } => Is(only),
        _ => false,
    };

    /// <summary>What an exception is, for the log, with what is within it: its kind says what its text may not.</summary>
    public static string NameOf(Exception exception) => exception switch
    {
        DbException { SqlState: { } state } => $"{exception.GetType().Name} {state}",
        { InnerException: { } inner } => $"{exception.GetType().Name} ({NameOf(inner)})",
        _ => exception.GetType().Name,
    };
}
