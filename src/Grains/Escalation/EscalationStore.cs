using System.Data.Common;
using Clinic.Presence;
using Clinic.Storage;
using Clinic.Topics;
using Dapper;

namespace Clinic.Escalation;

/// <summary>
/// The rows of what waits to be acknowledged. Whoever changes a matter locks its row first, then its notifications, then counts in the order
/// of the users; so an acknowledgement and a step wait for each other, and the one that comes second finds it is too late.
/// </summary>
internal sealed class EscalationStore(ClinicDatabase database)
{
    private const string DueSql =
        "select tenant, id, priority, owner, step, due_at from escalation where due_at <= @before";

    private const string OrderSql = " order by due_at, tenant, id limit @limit";

    private const string LockSql = """
        update escalation set step = step + 1
        where tenant = @Tenant and id = @Id and step = @Step and due_at <= @now
        returning tenant, id, priority, owner, @Step as step, due_at
        """;

    private const string ConcernedSql =
        "select id, user_id as \"user\" from notification where tenant = @Tenant and matter_id = @Id order by created_at, id";

    private const string MoveSql = "update escalation set owner = @To, due_at = @DueAt where tenant = @Tenant and id = @Id";

    private const string StepSql = """
        insert into escalation_step (tenant, matter_id, step, at, from_user, to_user, reason)
        values (@Tenant, @Id, @Number, @At, @From, @To, @Reason)
        """;

    private const string CopySql = """
        insert into notification
            (tenant, id, user_id, kind, priority, title, body, link, requires_ack, created_by, created_at, acknowledged_at, acknowledged_by, matter_id)
        select tenant, @copy, @To, kind, priority, title, body, link, requires_ack, created_by, @At, null, null, id
        from notification where tenant = @Tenant and id = @Id
        returning id, kind, priority, title, body, link, requires_ack
        """;

    /// <summary>Matters whose owners' time was up before <paramref name="before"/>, oldest first, at most <paramref name="limit"/>, those after <paramref name="after"/>.</summary>
    /// <exception cref="DbException">The database can't be reached or refused.</exception>
    public Task<IReadOnlyList<Matter>> FindDueAsync(DateTimeOffset before, Matter? after, int limit, CancellationToken cancellation) =>
        database.ReadAsync<IReadOnlyList<Matter>>(
            async connection =>
            {
                var sql = DueSql + (after is null ? "" : " and (due_at, tenant, id) > (@DueAt, @Tenant, @Id)") + OrderSql;
                return [.. await connection.QueryAsync<Matter>(new CommandDefinition(
                    sql, new { before, limit, after?.DueAt, after?.Tenant, after?.Id }, cancellationToken: cancellation))];
            },
            cancellation);

    /// <summary>How many matters nobody has acknowledged.</summary>
    /// <exception cref="DbException">As above.</exception>
    public Task<long> CountOpenAsync(CancellationToken cancellation) =>
        database.ReadAsync(
            connection => connection.ExecuteScalarAsync<long>(new CommandDefinition(
                "select count(*) from escalation where due_at is not null", cancellationToken: cancellation)),
            cancellation);

    /// <summary>Takes the next step of a matter, with all that is told of it, unless it was acknowledged or stepped meanwhile.</summary>
    /// <returns>What was done; null when there was nothing to do any more.</returns>
    /// <exception cref="DbException">As above; nothing was done, or it is unknown if the commit failed.</exception>
    public Task<EscalationOutcome?> StepAsync(
        Matter due, IReadOnlyDictionary<string, PresenceStatus> present, DateTimeOffset now, CancellationToken cancellation) =>
        database.WriteAsync(
            async transaction =>
            {
                var work = new Work(transaction, due.Tenant, due.Id, now, cancellation);
                if (await work.FindAsync<Matter>(LockSql, new { due.Tenant, due.Id, due.Step, now }) is not { } matter)
                {
                    return null;
                }

                var rule = EscalationPolicy.Read(await work.FindAsync<string>(EscalationPolicy.Sql, new { due.Tenant })).For(matter.Priority);
                var concerned = await work.QueryAsync<EscalationCopy>(ConcernedSql, new { due.Tenant, due.Id });
                var step = EscalationPlan.Next(matter, rule, [.. concerned.Select(c => c.User)], present, now);
                await work.WriteAsync(step, [.. concerned]);
                return new EscalationOutcome(matter, step, [.. work.Told.Distinct()]);
            },
            cancellation);

    /// <summary>The writes of one step.</summary>
    private sealed class Work(DbTransaction transaction, string tenant, string matter, DateTimeOffset now, CancellationToken cancellation)
    {
        public List<TopicId> Told { get; } = [];

        public Task<T?> FindAsync<T>(string sql, object parameters) =>
            transaction.Connection!.QuerySingleOrDefaultAsync<T?>(new CommandDefinition(sql, parameters, transaction, cancellationToken: cancellation));

        public Task<IEnumerable<T>> QueryAsync<T>(string sql, object parameters) =>
            transaction.Connection!.QueryAsync<T>(new CommandDefinition(sql, parameters, transaction, cancellationToken: cancellation));

        public async Task WriteAsync(EscalationStep step, List<EscalationCopy> concerned)
        {
            await ExecuteAsync(MoveSql, new { Tenant = tenant, Id = matter, step.To, step.DueAt });
            await ExecuteAsync(StepSql, new { Tenant = tenant, Id = matter, step.Number, step.At, step.From, step.To, step.Reason });
            if (concerned.All(c => c.User != step.To))
            {
                concerned.Add(await CopyAsync(step));
            }

            foreach (var copy in concerned)
            {
                await TellAsync(copy.User, EscalationEvents.Escalated(copy.Id, matter, step));
            }
        }

        /// <summary>Gives the new owner a notification of their own.</summary>
        private async Task<EscalationCopy> CopyAsync(EscalationStep step)
        {
            var copy = Guid.CreateVersion7(now).ToString();
            var row = (await FindAsync<NotificationRow>(CopySql, new { Tenant = tenant, Id = matter, copy, step.To, step.At }))!;
            await TellAsync(step.To, EscalationEvents.New(row));
            var counts = (await FindAsync<UnreadRow>(Unread.UnreadChanged.RaiseNotificationsSql, new { Tenant = tenant, user = step.To }))!;
            await TellAsync(step.To, EscalationEvents.Unread(counts));
            return new EscalationCopy { Id = copy, User = step.To };
        }

        private Task TellAsync(string user, EventDraft draft)
        {
            var topic = TopicId.ForUser(tenant, user);
            Told.Add(topic);
            return PendingEvents.AddAsync(transaction, topic, [draft], now, cancellation);
        }

        private Task<int> ExecuteAsync(string sql, object parameters) =>
            transaction.Connection!.ExecuteAsync(new CommandDefinition(sql, parameters, transaction, cancellationToken: cancellation));
    }
}

/// <summary>A step that was taken.</summary>
/// <param name="Matter">As it was before.</param>
/// <param name="Step">The step.</param>
/// <param name="Told">Topics that have pending events of it.</param>
internal sealed record EscalationOutcome(Matter Matter, EscalationStep Step, IReadOnlyList<TopicId> Told);

/// <summary>One user's notification of a matter.</summary>
internal sealed class EscalationCopy
{
    public string Id { get; init; } = "";

    public string User { get; init; } = "";
}
