using Clinic.Errors;
using Clinic.Presence;
using Clinic.Records;
using Clinic.Storage;
using Clinic.Topics;
using Dapper;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace Clinic.Charts;

/// <summary>
/// Knows which charts are restricted to whom, by the database alone: a restriction counts from its commit on, on every host, whatever becomes of the silos. Restricted
/// charts are for their care team, and for whoever has opened them with a reason; roles make no difference.
/// </summary>
internal sealed class ChartGuard(ClinicDatabase database, IOptions<ChartOptions> options, TimeProvider time)
{
    /// <summary>
    /// A condition for queries of a table with <c>tenant</c> and <c>patient_id</c> that has the alias <c>o</c>: the chart of the row is not restricted to <c>@User</c>.
    /// Takes <c>@since</c>, see <see cref="Since"/>.
    /// </summary>
    public const string Visible = """
        not exists (
            select 1 from chart_restriction r
            where r.tenant = o.tenant and r.patient_id = o.patient_id and r.restricted
                and not exists (select 1 from chart_care_team t where t.tenant = r.tenant and t.patient_id = r.patient_id and t.user_id = @User)
                and not exists (
                    select 1 from chart_access a
                    where a.tenant = r.tenant and a.patient_id = r.patient_id and a.user_id = @User
                        and a.closed_at is null and a.break_glass and a.opened_at > @since))
        """;

    // A row means that it is restricted to the user; the interval in it, that they have it open with a reason.
    private const string Sql = """
        select a.opened_at, a.reason
        from chart_restriction r
        left join chart_access a on a.topic = @Key and a.user_id = @user and a.closed_at is null and a.break_glass and a.opened_at > @Since
        where r.tenant = @Tenant and r.patient_id = @Id and r.restricted
            and not exists (select 1 from chart_care_team t where t.tenant = r.tenant and t.patient_id = r.patient_id and t.user_id = @user)
        order by a.opened_at desc limit 1
        """;

    /// <summary>For how long a reason opens a restricted chart.</summary>
    public TimeSpan For => options.Value.BreakGlassFor;

    /// <summary>Who opened a restricted chart at this time or before has it open no more.</summary>
    public DateTimeOffset Since => time.GetUtcNow() - For;

    /// <summary>Asks for a user.</summary>
    /// <exception cref="System.Data.Common.DbException">The database can't be reached.</exception>
    public Task<ChartPass> AskAsync(TopicId chart, string user, CancellationToken cancellation = default) =>
        database.ReadAsync(
            async connection => PassOf(await connection.QuerySingleOrDefaultAsync<Row>(
                new CommandDefinition(Sql, Parameters(chart, user), cancellationToken: cancellation))),
            cancellation);

    /// <summary>Refuses a request that may not see the chart. A backend with a service key may: whom it shows what it knows itself.</summary>
    /// <returns>Why it may not; null when it may.</returns>
    public async Task<ProblemHttpResult?> RefuseAsync(RecordRequest request, string patient) =>
        request.Caller.IsService || (await AskAsync(TopicId.ForPatient(request.Tenant, patient), request.User, request.Cancellation)).MaySee
            ? null
            : Problems.ReasonRequired();

    /// <summary>The same, within a write.</summary>
    public async Task<ProblemHttpResult?> RefuseAsync(RecordTransaction record, string patient) =>
        record.Caller.IsService || PassOf(await record.FindAsync<Row>(Sql, Parameters(TopicId.ForPatient(record.Tenant, patient), record.User))).MaySee
            ? null
            : Problems.ReasonRequired();

    private object Parameters(TopicId chart, string user) => new { chart.Key, chart.Tenant, chart.Id, user, Since };

    private ChartPass PassOf(Row? row) => row switch
    {
        null => ChartPass.Free,
        { OpenedAt: { } at } => new ChartPass(true, new BrokenGlass(at, at + For), row.Reason),
        _ => ChartPass.NeedsReason,
    };

    private sealed class Row
    {
        public DateTimeOffset? OpenedAt { get; init; }

        public string? Reason { get; init; }
    }
}
