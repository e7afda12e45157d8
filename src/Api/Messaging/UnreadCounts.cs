using Clinic.Records;
using Clinic.Topics;

namespace Clinic.Messaging;

/// <summary>
/// The unread counts of users, kept in the transaction of the record that changes them, and told in <c>unread:changed</c>. Whoever changes
/// those of several users does it in the order of their ids, so that two writes never wait for each other.
/// </summary>
internal static class UnreadCounts
{
    // PostgreSQL locks the rows in the order in which the select brings them.
    private const string RaiseSql = """
        insert into unread (tenant, user_id, messages, notifications)
        select tenant, user_id, 1, 0 from thread_participant
        where tenant = @Tenant and thread_id = @thread and user_id <> @User
        order by user_id
        on conflict (tenant, user_id) do update set messages = unread.messages + 1
        returning user_id, messages, notifications
        """;

    private const string LowerSql = """
        update unread set messages = messages - 1
        where tenant = @Tenant and user_id = @User and messages > 0
        returning user_id, messages, notifications
        """;

    /// <summary>A message of the thread is new to every participant but the writing user.</summary>
    public static async Task MessageSentAsync(RecordTransaction record, string thread)
    {
        await record.ExecuteAsync(
            "update thread_participant set unread = unread + 1 where tenant = @Tenant and thread_id = @thread and user_id <> @User",
            new { record.Tenant, thread, record.User });
        foreach (var row in await record.QueryAsync<Row>(RaiseSql, new { record.Tenant, thread, record.User }))
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
        if (await record.FindAsync<Row>(LowerSql, new { record.Tenant, record.User }) is { } row)
        {
            Tell(record, row, thread);
        }
    }

    private static void Tell(RecordTransaction record, Row row, string thread) =>
        record.Emit(
            TopicId.ForUser(record.Tenant, row.UserId), "unread:changed", new UnreadChanged(row.Messages, row.Notifications, thread));

    private sealed class Row
    {
        public string UserId { get; init; } = "";

        public int Messages { get; init; }

        public int Notifications { get; init; }
    }
}

/// <summary>The data of <c>unread:changed</c>: the user's counts now, and the thread that changed them.</summary>
internal sealed record UnreadChanged(int Messages, int Notifications, string ThreadId);
