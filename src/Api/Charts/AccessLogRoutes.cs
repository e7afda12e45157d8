using System.Text.Json.Serialization;
using Clinic.Errors;
using Clinic.Records;
using Clinic.Security;

namespace Clinic.Charts;

/// <summary>Who had a patient's chart open, from when to when: for those who answer for privacy.</summary>
internal sealed class AccessLogRoutes : IRecordRoutes
{
    private const string Sql = """
        select id, user_id, name, reason, break_glass, opened_at, closed_at, closed_by from chart_access
        where tenant = @Tenant and patient_id = @id
        """;

    /// <inheritdoc />
    public void AddServices(IServiceCollection services)
    {
        // One query and no body: nothing to register.
    }

    /// <inheritdoc />
    public void Map(IEndpointRouteBuilder api) => api.MapGet("/patients/{id}/access-log", ListAsync)
        .WithTags("Patients")
        .WithSummary("Who had the chart open, newest first; with at, who had it open then. For admin and privacy_officer.")
        .ProducesPage<ChartAccessEntry>();

    private static async Task<IResult> ListAsync(string id, string? at, RecordRequest request)
    {
        if (!request.Caller.IsService && !request.Caller.Has(Roles.Admin, Roles.PrivacyOfficer))
        {
            return Problems.Forbidden("The access log is for administrators and privacy officers.");
        }

        DateTimeOffset time = default;
        if (at is not null && !Rfc3339.TryParse(at, out time))
        {
            return Problems.Invalid("at", "Must be a time as RFC 3339 has it, with its offset.");
        }

        if (!request.TryReadPage(out var size, out var after, out var problem))
        {
            return problem!;
        }

        var sql = Sql
            + (at is null ? "" : " and opened_at <= @at and (closed_at is null or closed_at > @at)")
            + (after is null ? "" : " and (opened_at, id) < (@time, @after)")
            + " order by opened_at desc, id desc limit @Rows";
        var rows = await request.QueryAsync<Row>(sql, new { request.Tenant, id, at = time, time = after?.Time, after = after?.Id, size.Rows });
        var page = size.Take(rows, last => new Cursor(last.OpenedAt, last.Id).ToString());
        return TypedResults.Ok(new Page<ChartAccessEntry>(
            [.. page.Items.Select(r => new ChartAccessEntry(r.UserId, r.Name, r.Reason, r.OpenedAt, r.ClosedAt, r.ClosedBy, r.BreakGlass))], page.Next));
    }

    private sealed class Row
    {
        public string Id { get; init; } = "";

        public string UserId { get; init; } = "";

        public string Name { get; init; } = "";

        public string? Reason { get; init; }

        public DateTimeOffset OpenedAt { get; init; }

        public DateTimeOffset? ClosedAt { get; init; }

        public string? ClosedBy { get; init; }

        public bool BreakGlass { get; init; }
    }
}

/// <summary>
/// That a user had a chart open; <c>closedAt</c> is null while they still have. <c>breakGlass</c> says that it was restricted and they were not of its care team.
/// </summary>
internal sealed record ChartAccessEntry(
    string User,
    string Name,
    string? Reason,
    DateTimeOffset OpenedAt,
    DateTimeOffset? ClosedAt,
    string? ClosedBy,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool BreakGlass);
