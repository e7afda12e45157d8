using Clinic.Records;
using Clinic.Topics;
using Clinic.Unread;

namespace Clinic.Notifications;

/// <summary>The verb with which record writes notify users.</summary>
internal static class Notifying
{
    private const string Sql = """
        insert into notification
            (tenant, id, user_id, kind, priority, title, body, link, requires_ack, created_by, created_at, acknowledged_at, acknowledged_by)
        values (@Tenant, @id, @receiver, @Kind, @Priority, @Title, @Body, @Link, @RequiresAck, @User, @Now, null, null)
        """;

    /// <summary>
    /// Notifies a user with the write: the notification is there, and its events are told, if and only if the write commits. The last thing a
    /// write does, and for one user, because it locks that user's counts.
    /// </summary>
    /// <returns>The notification's id.</returns>
    public static async Task<string> NotifyAsync(this RecordTransaction record, string user, Notice notice)
    {
        var id = record.NewId();
        await record.ExecuteAsync(
            Sql,
            new
            {
                record.Tenant,
                id,
                receiver = user,
                notice.Kind,
                notice.Priority,
                notice.Title,
                notice.Body,
                notice.Link,
                notice.RequiresAck,
                record.User,
                record.Now,
            });
        record.Emit(
            TopicId.ForUser(record.Tenant, user),
            "notification:new",
            new NotificationNew(id, notice.Kind, notice.Priority, notice.Title, notice.Body, notice.Link, notice.RequiresAck));
        await UnreadCounts.NotificationSentAsync(record, user);
        return id;
    }
}
