using Clinic.Escalation;
using Clinic.Records;
using Clinic.Topics;
using Clinic.Unread;

namespace Clinic.Notifications;

/// <summary>The verb with which record writes notify users.</summary>
internal static class Notifying
{
    private const string Sql = """
        insert into notification
            (tenant, id, user_id, kind, priority, title, body, link, requires_ack, created_by, created_at, acknowledged_at, acknowledged_by, matter_id)
        values (@Tenant, @id, @receiver, @Kind, @Priority, @Title, @Body, @Link, @RequiresAck, @User, @Now, null, null, @matter)
        """;

    private const string OpenSql = """
        insert into escalation (tenant, id, priority, owner, step, due_at) values (@Tenant, @id, @Priority, @receiver, 0, @due)
        """;

    /// <summary>
    /// Notifies a user with the write: the notification is there, and its events are told, if and only if the write commits. One that requires
    /// acknowledgement is the user's to answer for, until its time is up. The last thing a write does, and for one user, because it locks that
    /// user's counts.
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
                matter = notice.RequiresAck ? id : null,
            });
        if (notice.RequiresAck)
        {
            var policy = EscalationPolicy.Read(await record.FindAsync<string>(EscalationPolicy.Sql, new { record.Tenant }));
            var due = policy.For(notice.Priority).DueAfter(record.Now);
            await record.ExecuteAsync(OpenSql, new { record.Tenant, id, notice.Priority, receiver = user, due });
        }

        record.Emit(
            TopicId.ForUser(record.Tenant, user),
            "notification:new",
            new NotificationNew(id, notice.Kind, notice.Priority, notice.Title, notice.Body, notice.Link, notice.RequiresAck));
        await UnreadCounts.NotificationSentAsync(record, user);
        return id;
    }
}
