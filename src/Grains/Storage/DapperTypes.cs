using System.Data;
using System.Globalization;
using Dapper;
using Npgsql;

namespace Clinic.Storage;

/// <summary>
/// One C# type for a time on both databases: <c>timestamptz</c> on PostgreSQL, and on SQLite text of a fixed form in UTC, which sorts as
/// the times do.
/// </summary>
internal sealed class DapperTypes : SqlMapper.TypeHandler<DateTimeOffset>
{
    /// <summary>How SQLite keeps a time.</summary>
    public const string SqliteForm = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
    private static readonly Lazy<bool> Registered = new(() =>
    {
        DefaultTypeMap.MatchNamesWithUnderscores = true;
        SqlMapper.RemoveTypeMap(typeof(DateTimeOffset));
        SqlMapper.RemoveTypeMap(typeof(DateTimeOffset?));
        SqlMapper.AddTypeHandler(new DapperTypes());
        return true;
    });

    public static void Register() => _ = Registered.Value;

    public override void SetValue(IDbDataParameter parameter, DateTimeOffset value)
    {
        if (parameter is NpgsqlParameter)
        {
            parameter.Value = value.ToUniversalTime();
        }
        else
        {
            parameter.DbType = DbType.String;
            parameter.Value = value.UtcDateTime.ToString(SqliteForm, CultureInfo.InvariantCulture);
        }
    }

    public override DateTimeOffset Parse(object value) => value switch
    {
        DateTimeOffset offset => offset.ToUniversalTime(),
        DateTime time => new DateTimeOffset(DateTime.SpecifyKind(time, DateTimeKind.Utc)),
        string text => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal),
        _ => throw new DataException($"A time can't be read from {value.GetType().Name}."),
    };
}
