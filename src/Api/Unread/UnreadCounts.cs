using Clinic.Records;
using Clinic.Topics;

namespace Clinic.Unread;

/// <summary>
/// What users have not read or acknowledged yet, counted in the transaction of the record that changes it, and told in <c>unread:changed</c>.
/// Whoever changes the counts of several users does it in the order of their ids, so that two writes never wait for each other.
/// </summary>
internal static class UnreadCounts
{
    // PostgreSQL locks the rows in the order in which the select brings them.
    private const string RaiseMessagesSql = """
        insert into unread (tenant, user_id, messages, notifications)
        select tenant, user_id, 1, 0 from thread_participant
        where tenant = @Tenant and thread_id = @thread and user_id <> @User
        order by user_id
        on conflict (tenant, user_id) do update set messages = unread.messages + 1
        returning user_id, messages, notifications
        """;

    private const string LowerMessagesSql = """
        update unread set messages = messages - 1
        where tenant = @Tenant and user_id = @User and messages > 0
        returning user_id, messages, notifications
        """;

    private const string LowerNotificationsSql = """
        update unread set notifications = notifications - 1
        where tenant = @Tenant and user_id = @user and notifications > 0
        returning user_id, messages, notifications
        """;

    /// <summary>A message of the thread is new to every participant but the writing user.</summary>
    public static async Task MessageSentAsync(RecordTransaction record, string thread)
    {
        await record.ExecuteAsync(
            "update thread_participant set unread = unread + 1 where tenant = @Tenant and thread_id = @thread and user_id <> @User",
            new { record.Tenant, thread, record.User });
        foreach (var row in await record.QueryAsync<Row>(RaiseMessagesSql, new { record.Tenant, thread, record.User }))
        {
            Tell(record, row, thread);
        }
    }

    /// <summary>The writing user has read a message of the thread.</summary>
    public static async Task MessageReadAsync(RecordTransaction record, string thread)
    {
        await record.ExecuteAsync(
            "update thread_participant set unread = unread - 1 where tenant = @Tenant and thread_id = @thread and user_id = @User and unread > 0",
            new { record.Tenant, thread, record.User });
        if (await record.FindAsync<Row>(LowerMessagesSql, new { record.Tenant, record.User }) is { } row)
        {
            Tell(record, row, thread);
        }
    }

    /// <summary>A user has a notification more.</summary>
    public static async Task NotificationSentAsync(RecordTransaction record, string user) =>
        Tell(record, (await record.FindAsync<Row>(UnreadChanged.RaiseNotificationsSql, new { record.Tenant, user }))!, null);

    /// <summary>A notification of the user's is acknowledged.</summary>
    public static async Task NotificationAcknowledgedAsync(RecordTransaction record, string user)
    {
        if (await record.FindAsync<Row>(LowerNotificationsSql, new { record.Tenant, user }) is { } row)
        {
            Tell(record, row, null);
        }
    }

    private static void Tell(RecordTransaction record, Row row, string? thread) =>
        record.Emit(
            TopicId.ForUser(record.Tenant, row.UserId), "unread:changed", new UnreadChanged(row.Messages, row.Notifications, thread));

    private sealed class Row
    {
        public string UserId { get; init; } = "";

        public int Messages { get; init; }

        public int Notifications { get; init; }
    }
}
