using System.Globalization;
using System.Text.Json;
using Clinic.Errors;
using Clinic.Records;
using Clinic.Security;
using Clinic.Topics;
using Dapper;
using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Clinic.Charts;

/// <summary>Which charts are restricted, and to whom not: for those who answer for privacy.</summary>
internal sealed class RestrictionRoutes : IRecordRoutes
{
    // Makes the row if there is none, and locks it.
    private const string LockSql = """
        insert into chart_restriction (tenant, patient_id, restricted, changed_by, changed_at, version)
        values (@Tenant, @id, @restricted, @User, @Now, 0)
        on conflict (tenant, patient_id) do update set version = chart_restriction.version
        returning restricted, changed_by, changed_at, version
        """;

    private const string ChangeSql = """
        update chart_restriction set restricted = @Restricted, changed_by = @User, changed_at = @Now, version = @Version
        where tenant = @Tenant and patient_id = @id
        """;

    private const string TraceSql = """
        insert into chart_restriction_change (tenant, patient_id, version, restricted, care_team, changed_by, changed_at)
        values (@Tenant, @id, @Version, @Restricted, @team, @User, @Now)
        """;

    private const string TeamSql = "select user_id from chart_care_team where tenant = @Tenant and patient_id = @id order by user_id";

    private const string ClearTeamSql = "delete from chart_care_team where tenant = @Tenant and patient_id = @id";

    private const string AddToTeamSql = "insert into chart_care_team (tenant, patient_id, user_id) values (@Tenant, @id, @user)";

    private const string FindSql = "select restricted, changed_by, changed_at, version from chart_restriction where tenant = @Tenant and patient_id = @id";

    private const string ChangesSql = """
        select version, restricted, care_team, changed_by, changed_at from chart_restriction_change
        where tenant = @Tenant and patient_id = @id and version > @after order by version limit @Rows
        """;

    /// <inheritdoc />
    public void AddServices(IServiceCollection services)
    {
        services.AddOptions<ChartOptions>().BindConfiguration("Charts").ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<ChartGuard>().AddSingleton<IValidator<RestrictionChange>, RestrictionChange.Validator>();
    }

    /// <inheritdoc />
    public void Map(IEndpointRouteBuilder api)
    {
        var restriction = api.MapGroup("/patients/{id}/restriction").WithTags("Patients");
        restriction.MapGet("", GetAsync)
            .WithSummary("Whether the chart is restricted, its care team, and every change so far. For admin and privacy_officer.")
            .Produces<RestrictionHistory>()
            .WithMetadata(new PagedRoute(HasCursor: true));
        restriction.MapPatch("", ChangeAsync)
            .WithSummary("Restricts the chart to its care team, lifts that, or changes the team. Who may not see it any more loses it at once. For admin and privacy_officer.")
            .Produces<Restriction>();
    }

    private static async Task<IResult> GetAsync(string id, RecordRequest request)
    {
        if (MayNot(request) is { } refusal)
        {
            return refusal;
        }

        if (!request.TryReadPage<VersionCursor>(out var size, out var after, out var problem))
        {
            return problem!;
        }

        return TypedResults.Ok(await request.ReadAsync(async connection =>
        {
            var parameters = new { request.Tenant, id, after = after?.Version ?? 0, size.Rows };
            var row = await connection.QuerySingleOrDefaultAsync<Row>(FindSql, parameters) ?? new Row();
            var team = await connection.QueryAsync<string>(TeamSql, parameters);
            var page = size.Take(
                await connection.QueryAsync<ChangeRow>(ChangesSql, parameters), last => new VersionCursor(last.Version).ToString());
            return new RestrictionHistory(
                id,
                row.Restricted,
                [.. team],
                row.Version,
                [.. page.Items.Select(c => new RestrictionEntry(
                    c.Version, c.Restricted, JsonSerializer.Deserialize<string[]>(c.CareTeam)!, c.ChangedBy, c.ChangedAt))],
                page.Next);
        }));
    }

    private static async Task<IResult> ChangeAsync(string id, RestrictionChange body, RecordRequest request) =>
        (IResult?)MayNot(request) ?? await request.WriteAsync(async record =>
        {
            var before = (await record.FindAsync<Row>(LockSql, new { record.Tenant, id, restricted = false, record.User, record.Now }))!;
            var team = await record.QueryAsync<string>(TeamSql, new { record.Tenant, id });
            var restricted = body.Restricted ?? before.Restricted;
            IReadOnlyList<string> newTeam = body.CareTeam is null ? team : [.. body.CareTeam.Select(user => user!).Order(StringComparer.Ordinal)];
            if (restricted == before.Restricted && newTeam.SequenceEqual(team, StringComparer.Ordinal))
            {
                return RecordAnswer.Ok(
                    before.Version == 0
                        ? new Restriction(id, restricted, team, null, null, 0)
                        : new Restriction(id, restricted, team, before.ChangedBy, before.ChangedAt, before.Version));
            }

            var after = new Restriction(id, restricted, newTeam, record.User, record.Now, before.Version + 1);
            await record.ExecuteAsync(ChangeSql, new { record.Tenant, id, after.Restricted, record.User, record.Now, after.Version });
            await record.ExecuteAsync(ClearTeamSql, new { record.Tenant, id });
            foreach (var user in newTeam)
            {
                await record.ExecuteAsync(AddToTeamSql, new { record.Tenant, id, user });
            }

            await record.ExecuteAsync(
                TraceSql,
                new { record.Tenant, id, after.Version, after.Restricted, team = JsonSerializer.Serialize(newTeam), record.User, record.Now });
            record.Emit(TopicId.ForPatient(record.Tenant, id), ChartEvents.RestrictionChanged, new RestrictionChanged(id, restricted));
            return RecordAnswer.Ok(after);
        });

    private static ProblemHttpResult? MayNot(RecordRequest request) =>
        request.Caller.IsService || request.Caller.Has(Roles.Admin, Roles.PrivacyOfficer)
            ? null
            : Problems.Forbidden("Restrictions are for administrators and privacy officers.");

    /// <summary>Goes on after a version.</summary>
    private sealed record VersionCursor(int Version) : ICursor<VersionCursor>
    {
        public static bool TryParse(string text, out VersionCursor? cursor)
        {
            cursor = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? new VersionCursor(version) : null;
            return cursor is not null;
        }

        public override string ToString() => Version.ToString(CultureInfo.InvariantCulture);
    }

    private class Row
    {
        public bool Restricted { get; init; }

        public string ChangedBy { get; init; } = "";

        public DateTimeOffset ChangedAt { get; init; }

        public int Version { get; init; }
    }

    private sealed class ChangeRow : Row
    {
        public string CareTeam { get; init; } = "";
    }
}
