using Clinic.Records;
using Clinic.Security;
using Clinic.Topics;
using Clinic.Unread;

namespace Clinic.Notifications;

/// <summary>Acknowledges notifications, for the REST route and the hub alike.</summary>
internal sealed class NotificationAcknowledger(RecordWriter writer)
{
    // By its own id, or by that of a colleague's copy of the same matter, which is what colleagues tell each other.
    private const string FindSql = """
        select id, matter_id from notification where tenant = @Tenant and id = @notification and user_id = @User
        union all
        select own.id, own.matter_id
        from notification told join notification own on own.tenant = told.tenant and own.matter_id = told.matter_id
        where told.tenant = @Tenant and told.id = @notification and told.user_id <> @User and own.user_id = @User
        """;

    private const string AcknowledgeSql = """
        update notification set acknowledged_at = @Now, acknowledged_by = @User
        where tenant = @Tenant and id = @Id and acknowledged_at is null
        """;

    // First of all: it is what an escalation's step locks too.
    private const string CloseSql = """
        update escalation set due_at = null, acknowledged_at = @Now, acknowledged_by = @User
        where tenant = @Tenant and id = @MatterId and due_at is not null
        """;

    private const string AcknowledgeMatterSql = """
        update notification set acknowledged_at = @Now, acknowledged_by = @User
        where tenant = @Tenant and matter_id = @MatterId and acknowledged_at is null
        """;

    // In the order in which counts are locked.
    private const string ConcernedSql =
        "select id, user_id from notification where tenant = @Tenant and matter_id = @MatterId order by user_id";

    private const string ReadSql = $"select {Notification.Columns} from notification where tenant = @Tenant and id = @Id";

    /// <summary>Acknowledges one notification of the caller's.</summary>
    /// <returns>It, or null when the caller has none of this id.</returns>
    /// <exception cref="System.Data.Common.DbException">The database can't be reached or refused.</exception>
    public Task<Notification?> AcknowledgeAsync(Caller caller, string notification, CancellationToken cancellation) =>
        writer.WriteAsync(caller, record => AcknowledgeAsync(record, notification), cancellation);

    /// <summary>
    /// Acknowledges one notification of the writing user's, within a write that is under way, and with it every colleague's copy. All
    /// concerned are told of the first time only; a repeat answers what the first did.
    /// </summary>
    public static async Task<Notification?> AcknowledgeAsync(RecordTransaction record, string notification)
    {
        if (!Identifier.IsValid(notification)
            || await record.FindAsync<Copy>(FindSql, new { record.Tenant, record.User, notification }) is not { } own)
        {
            return null;
        }

        foreach (var copy in own.MatterId is null ? await AcknowledgeOneAsync(record, own.Id) : await AcknowledgeMatterAsync(record, own.MatterId))
        {
            record.Emit(
                TopicId.ForUser(record.Tenant, copy.UserId),
                "notification:acknowledged",
                new NotificationAcknowledged(copy.Id, record.User, record.Now));
            await UnreadCounts.NotificationAcknowledgedAsync(record, copy.UserId);
        }

        return await record.FindAsync<Notification>(ReadSql, new { record.Tenant, own.Id });
    }

    private static async Task<IReadOnlyList<Copy>> AcknowledgeOneAsync(RecordTransaction record, string id) =>
        await record.ExecuteAsync(AcknowledgeSql, new { record.Tenant, record.User, record.Now, Id = id }) == 0
            ? []
            : [new Copy { Id = id, UserId = record.User }];

    /// <returns>The copies of everybody concerned; none when somebody was faster.</returns>
    private static async Task<IReadOnlyList<Copy>> AcknowledgeMatterAsync(RecordTransaction record, string matter)
    {
        var parameters = new { record.Tenant, record.User, record.Now, MatterId = matter };
        if (await record.ExecuteAsync(CloseSql, parameters) == 0)
        {
            return [];
        }

        await record.ExecuteAsync(AcknowledgeMatterSql, parameters);
        return await record.QueryAsync<Copy>(ConcernedSql, new { record.Tenant, MatterId = matter });
    }

    private sealed class Copy
    {
        public string Id { get; init; } = "";

        public string UserId { get; init; } = "";

        public string? MatterId { get; init; }
    }
}
