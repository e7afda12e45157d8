using Clinic.Records;
using Clinic.Security;
using Clinic.Topics;
using Clinic.Unread;

namespace Clinic.Messaging;

/// <summary>Marks messages as read, for the REST route and the hub alike.</summary>
internal sealed class MessageReader(RecordWriter writer)
{
    private const string FindSql = """
        select m.thread_id, m.author from message m
        join thread_participant p on p.tenant = m.tenant and p.thread_id = m.thread_id and p.user_id = @User
        where m.tenant = @Tenant and m.id = @message
        """;

    private const string ReadSql = """
        insert into message_read (tenant, message_id, user_id, read_at) values (@Tenant, @message, @User, @Now)
        on conflict (tenant, message_id, user_id) do nothing
        """;

    /// <summary>Marks one message as read by the caller.</summary>
    /// <exception cref="System.Data.Common.DbException">The database can't be reached or refused.</exception>
    public Task<MarkReadOutcome> MarkReadAsync(Caller caller, string message, CancellationToken cancellation) =>
        writer.WriteAsync(caller, record => MarkReadAsync(record, message), cancellation);

    /// <summary>Marks one message as read by the writing user, within a write that is under way.</summary>
    public static async Task<MarkReadOutcome> MarkReadAsync(RecordTransaction record, string message)
    {
        var found = Identifier.IsValid(message)
            ? await record.FindAsync<Row>(FindSql, new { record.Tenant, record.User, message })
            : null;
        if (found is null)
        {
            return MarkReadOutcome.NotFound;
        }

        if (found.Author == record.User
            || await record.ExecuteAsync(ReadSql, new { record.Tenant, record.User, message, record.Now }) == 0)
        {
            return MarkReadOutcome.ReadBefore;
        }

        record.Emit(
            TopicId.ForThread(record.Tenant, found.ThreadId),
            "message:read",
            new MessageRead(message, found.ThreadId, record.User, record.Now));
        await UnreadCounts.MessageReadAsync(record, found.ThreadId);
        return MarkReadOutcome.Read;
    }

    private sealed class Row
    {
        public string ThreadId { get; init; } = "";

        public string Author { get; init; } = "";
    }
}

/// <summary>How marking a message as read ended.</summary>
internal enum MarkReadOutcome
{
    /// <summary>It was unread before; others are told.</summary>
    Read,

    /// <summary>It was read before, or it is the caller's own; nobody is told.</summary>
    ReadBefore,

    /// <summary>There is no such message in a thread the caller takes part in.</summary>
    NotFound,
}
