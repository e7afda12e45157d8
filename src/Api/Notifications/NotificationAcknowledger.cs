using Clinic.Records;
using Clinic.Security;
using Clinic.Topics;
using Clinic.Unread;

namespace Clinic.Notifications;

/// <summary>Acknowledges notifications, for the REST route and the hub alike.</summary>
internal sealed class NotificationAcknowledger(RecordWriter writer)
{
    private const string AcknowledgeSql = $"""
        update notification set acknowledged_at = @Now, acknowledged_by = @User
        where tenant = @Tenant and id = @notification and user_id = @User and acknowledged_at is null
        returning {Notification.Columns}
        """;

    private const string FindSql =
        $"select {Notification.Columns} from notification where tenant = @Tenant and id = @notification and user_id = @User";

    /// <summary>Acknowledges one notification of the caller's.</summary>
    /// <returns>It, or null when the caller has none of this id.</returns>
    /// <exception cref="System.Data.Common.DbException">The database can't be reached or refused.</exception>
    public Task<Notification?> AcknowledgeAsync(Caller caller, string notification, CancellationToken cancellation) =>
        writer.WriteAsync(caller, record => AcknowledgeAsync(record, notification), cancellation);

    /// <summary>
    /// Acknowledges one notification of the writing user's, within a write that is under way. The user's devices are told of the first time
    /// only; a repeat answers what the first did.
    /// </summary>
    public static async Task<Notification?> AcknowledgeAsync(RecordTransaction record, string notification)
    {
        if (!Identifier.IsValid(notification))
        {
            return null;
        }

        var acknowledged = await record.FindAsync<Notification>(AcknowledgeSql, new { record.Tenant, record.User, record.Now, notification });
        if (acknowledged is null)
        {
            return await record.FindAsync<Notification>(FindSql, new { record.Tenant, record.User, notification });
        }

        record.Emit(
            TopicId.ForUser(record.Tenant, record.User),
            "notification:acknowledged",
            new NotificationAcknowledged(notification, record.User, record.Now));
        await UnreadCounts.NotificationAcknowledgedAsync(record);
        return acknowledged;
    }
}
