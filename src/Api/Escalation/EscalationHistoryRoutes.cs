using System.Globalization;
using Clinic.Errors;
using Clinic.Records;
using Clinic.Security;
using Dapper;

namespace Clinic.Escalation;

/// <summary>Who answered for a notification from when to when: for those concerned, and those who administer the clinic.</summary>
internal sealed class EscalationHistoryRoutes : IRecordRoutes
{
    // Nobody else learns that there is such a notification.
    private const string MatterSql = """
        select m.id, m.owner, m.due_at, m.acknowledged_at, m.acknowledged_by
        from notification n join escalation m on m.tenant = n.tenant and m.id = n.matter_id
        where n.tenant = @Tenant and n.id = @id
            and (@all or exists (select 1 from notification own where own.tenant = n.tenant and own.matter_id = n.matter_id and own.user_id = @User))
        """;

    private const string StepsSql = """
        select step, at, from_user, to_user, reason from escalation_step
        where tenant = @Tenant and matter_id = @matter and step > @after order by step limit @Rows
        """;

    /// <inheritdoc />
    public void AddServices(IServiceCollection services)
    {
        // Two queries and no body: nothing to register.
    }

    /// <inheritdoc />
    public void Map(IEndpointRouteBuilder api) => api.MapGet("/notifications/{id}/escalation", GetAsync)
        .WithTags("Notifications")
        .WithSummary("Who answers for a notification that requires acknowledgement, and how it came to them. For those concerned and admin.")
        .Produces<EscalationHistory>()
        .WithMetadata(new PagedRoute(HasCursor: true));

    private static async Task<IResult> GetAsync(string id, RecordRequest request)
    {
        if (!request.TryReadPage<StepCursor>(out var size, out var after, out var problem))
        {
            return problem!;
        }

        var all = request.Caller.IsService || request.Caller.Has(Roles.Admin);
        var history = await request.ReadAsync(async connection =>
        {
            if (await connection.QuerySingleOrDefaultAsync<MatterRow>(MatterSql, new { request.Tenant, request.User, id, all }) is not { } matter)
            {
                return null;
            }

            var rows = await connection.QueryAsync<StepRow>(
                StepsSql, new { request.Tenant, matter = matter.Id, after = after?.Step ?? 0, size.Rows });
            var page = size.Take(rows, last => new StepCursor(last.Step).ToString());
            return new EscalationHistory(
                matter.Id,
                matter.Owner,
                matter.DueAt,
                matter.AcknowledgedAt,
                matter.AcknowledgedBy,
                [.. page.Items.Select(r => new EscalationEntry(r.Step, r.At, r.FromUser, r.ToUser, r.Reason))],
                page.Next);
        });
        return history is null ? Problems.NotFound() : TypedResults.Ok(history);
    }

    /// <summary>Goes on after a step.</summary>
    private sealed record StepCursor(int Step) : ICursor<StepCursor>
    {
        public static bool TryParse(string text, out StepCursor? cursor)
        {
            cursor = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var step) ? new StepCursor(step) : null;
            return cursor is not null;
        }

        public override string ToString() => Step.ToString(CultureInfo.InvariantCulture);
    }

    private sealed class MatterRow
    {
        public string Id { get; init; } = "";

        public string Owner { get; init; } = "";

        public DateTimeOffset? DueAt { get; init; }

        public DateTimeOffset? AcknowledgedAt { get; init; }

        public string? AcknowledgedBy { get; init; }
    }

    private sealed class StepRow
    {
        public int Step { get; init; }

        public DateTimeOffset At { get; init; }

        public string FromUser { get; init; } = "";

        public string ToUser { get; init; } = "";

        public string Reason { get; init; } = "";
    }
}

/// <summary>What became of a notification that requires acknowledgement.</summary>
/// <param name="Matter">The id of the first notification of it.</param>
/// <param name="Owner">Who answers for it.</param>
/// <param name="DueAt">When the next step is due; null once it is acknowledged.</param>
/// <param name="AcknowledgedAt">When somebody acknowledged it.</param>
/// <param name="AcknowledgedBy">Who.</param>
/// <param name="Items">The steps so far, or a part of them, in their order.</param>
/// <param name="Next">The cursor of the part after it; null at the end.</param>
internal sealed record EscalationHistory(
    string Matter,
    string Owner,
    DateTimeOffset? DueAt,
    DateTimeOffset? AcknowledgedAt,
    string? AcknowledgedBy,
    IReadOnlyList<EscalationEntry> Items,
    string? Next);

/// <summary>A step; <c>reason</c> is <c>not_acknowledged</c> or <c>nobody_left</c>.</summary>
internal sealed record EscalationEntry(int Step, DateTimeOffset At, string From, string To, string Reason);
