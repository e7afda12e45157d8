using System.Data.Common;

namespace Clinic.Demo;

/// <summary>The threads of a sample clinic. Everybody has read all but the last message of each.</summary>
internal static class DemoThreads
{
    private const string ThreadSql = """
        insert into thread (tenant, id, subject, created_by, created_at, last_message_at) values (@Tenant, @id, @subject, @by, @created, @last)
        on conflict (tenant, id) do nothing
        """;

    private const string ParticipantSql = """
        insert into thread_participant (tenant, thread_id, user_id, unread) values (@Tenant, @thread, @user, @unread)
        on conflict (tenant, thread_id, user_id) do nothing
        """;

    private const string MessageSql = """
        insert into message (tenant, id, thread_id, sequence, author, author_name, body, sent_at)
        values (@Tenant, @id, @thread, @sequence, @author, @name, @body, @sent)
        on conflict (tenant, id) do nothing
        """;

    private const string ReadSql = """
        insert into message_read (tenant, message_id, user_id, read_at) values (@Tenant, @message, @user, @at)
        on conflict (tenant, message_id, user_id) do nothing
        """;

    private static readonly Sample[] Samples =
    [
        new("demo-thread-1", "Sample handover", [DemoClinic.Nurse, DemoClinic.OtherNurse, DemoClinic.Provider],
        [
            (DemoClinic.Nurse, "Sample message: the morning was quiet."),
            (DemoClinic.OtherNurse, "Sample message: thank you, I take over."),
            (DemoClinic.Provider, "Sample message: please look at Patient Sample 2 first."),
        ]),
        new("demo-thread-2", "Sample front desk", [DemoClinic.Desk, DemoClinic.Nurse, DemoClinic.OtherProvider],
        [
            (DemoClinic.Desk, "Sample message: Patient Sample 4 is late."),
            (DemoClinic.OtherProvider, "Sample message: I can wait ten minutes."),
            (DemoClinic.Desk, "Sample message: they have just arrived."),
        ]),
    ];

    /// <summary>Writes them.</summary>
    public static async Task WriteAsync(DbTransaction transaction, DemoClinic clinic, DateTimeOffset now)
    {
        var names = clinic.Staff.ToDictionary(user => user.User, user => user.Name);
        foreach (var (thread, subject, participants, messages) in Samples)
        {
            var first = now.AddMinutes(-10 * messages.Length);
            var last = now.AddMinutes(-10);
            await DemoRecords.RunAsync(transaction, ThreadSql, new { clinic.Tenant, id = thread, subject, by = participants[0], created = first, last });
            foreach (var user in participants)
            {
                var unread = messages[^1].Author == user ? 0 : 1;
                await DemoRecords.RunAsync(transaction, ParticipantSql, new { clinic.Tenant, thread, user, unread });
            }

            for (var at = 0; at < messages.Length; at++)
            {
                var (author, body) = messages[at];
                var (id, sent) = ($"{thread}-message-{at + 1}", first.AddMinutes(10 * at));
                await DemoRecords.RunAsync(
                    transaction, MessageSql, new { clinic.Tenant, id, thread, sequence = at + 1, author, name = names[author], body, sent });
                foreach (var user in participants.Where(user => user != author && at < messages.Length - 1))
                {
                    await DemoRecords.RunAsync(transaction, ReadSql, new { clinic.Tenant, message = id, user, at = sent.AddMinutes(5) });
                }
            }
        }
    }

    private sealed record Sample(string Id, string Subject, string[] Participants, (string Author, string Body)[] Messages);
}
