using System.Data.Common;
using Clinic.Errors;
using Clinic.Records;
using Clinic.Topics;
using Clinic.Unread;
using Dapper;
using FluentValidation;

namespace Clinic.Messaging;

/// <summary>The messages of the caller's threads.</summary>
internal sealed class MessageRoutes : IRecordRoutes
{
    // Locks the thread: its messages are written one after the other, so that their sequence has neither hole nor repeat.
    private const string EnterSql = """
        update thread set last_message_at = @Now
        where tenant = @Tenant and id = @threadId and exists
            (select 1 from thread_participant where tenant = @Tenant and thread_id = @threadId and user_id = @User)
        """;

    private const string SendSql = """
        insert into message (tenant, id, thread_id, sequence, author, author_name, body, sent_at)
        select @Tenant, @id, @threadId, coalesce(max(sequence), 0) + 1, @User, @Name, @Body, @Now
        from message where tenant = @Tenant and thread_id = @threadId
        returning sequence
        """;

    private const string EntrySql =
        "select count(*) from thread_participant where tenant = @Tenant and thread_id = @threadId and user_id = @User";

    private const string BeforeSql = "select sequence from message where tenant = @Tenant and thread_id = @threadId and id = @before";

    private const string ListSql = """
        select id, sequence, author, author_name, body, sent_at from message
        where tenant = @Tenant and thread_id = @threadId and sequence < @sequence
        order by sequence desc limit @Rows
        """;

    /// <inheritdoc />
    public void AddServices(IServiceCollection services) => services
        .AddSingleton<MessageReader>()
        .AddSingleton<IValidator<NewMessage>, NewMessage.Validator>();

    /// <inheritdoc />
    public void Map(IEndpointRouteBuilder api)
    {
        var messages = api.MapGroup("").WithTags("Messaging");
        messages.MapPost("/messaging/{threadId}/messages", SendAsync)
            .WithSummary("Sends a message to a thread.")
            .Produces<Message>(StatusCodes.Status201Created);
        messages.MapGet("/messaging/{threadId}/messages", ListAsync)
            .WithSummary("The messages of a thread, newest first; before is the id of a message, such as the next of the answer before.")
            .ProducesPage<Message>(hasCursor: false);
        messages.MapPatch("/messages/{id}/read", MarkReadAsync)
            .WithSummary("Marks one message as read.")
            .Produces(StatusCodes.Status204NoContent);
    }

    private static Task<IResult> SendAsync(string threadId, NewMessage body, RecordRequest request) => request.WriteAsync(async record =>
    {
        if (await record.ExecuteAsync(EnterSql, new { record.Tenant, threadId, record.User, record.Now }) == 0)
        {
            return Problems.NotFound();
        }

        var id = record.NewId();
        var sequence = await record.FindAsync<long>(
            SendSql, new { record.Tenant, id, threadId, record.User, record.Caller.Name, body.Body, record.Now });
        var message = new Message(id, threadId, sequence, record.User, record.Caller.Name, body.Body!, record.Now, []);
        record.Emit(TopicId.ForThread(record.Tenant, threadId), "message:new", message);
        await UnreadCounts.MessageSentAsync(record, threadId);
        return RecordAnswer.Created(null, message);
    });

    private static async Task<IResult> ListAsync(string threadId, string? before, RecordRequest request)
    {
        if (!request.TryReadPageSize(out var size, out var problem))
        {
            return problem!;
        }

        return await request.ReadAsync<IResult>(async connection =>
        {
            if (await connection.ExecuteScalarAsync<long>(EntrySql, new { request.Tenant, threadId, request.User }) == 0)
            {
                return Problems.NotFound();
            }

            var sequence = before is null ? long.MaxValue
                : !Identifier.IsValid(before) ? null
                : await connection.QuerySingleOrDefaultAsync<long?>(BeforeSql, new { request.Tenant, threadId, before });
            return sequence is null
                ? Problems.Invalid("before", "Must be the id of a message of this thread.")
                : TypedResults.Ok(await ReadAsync(connection, request.Tenant, threadId, sequence.Value, size));
        });
    }

    private static async Task<Page<Message>> ReadAsync(DbConnection connection, string tenant, string threadId, long sequence, PageSize size)
    {
        var rows = await connection.QueryAsync<Row>(ListSql, new { Tenant = tenant, threadId, sequence, size.Rows });
        var page = size.Take(rows, last => last.Id);
        var readings = (await connection.QueryAsync<Reading>(
            $"select message_id, user_id, read_at from message_read where tenant = @Tenant and message_id {connection.IsIn("@messages")} order by read_at, user_id",
            new { Tenant = tenant, messages = page.Items.Select(m => m.Id).ToArray() })).ToLookup(r => r.MessageId, r => new MessageReading(r.UserId, r.ReadAt));
        return new Page<Message>(
            [.. page.Items.Select(m => new Message(m.Id, threadId, m.Sequence, m.Author, m.AuthorName, m.Body, m.SentAt, [.. readings[m.Id]]))],
            page.Next);
    }

    private static Task<IResult> MarkReadAsync(string id, RecordRequest request) => request.WriteAsync(async record =>
        await MessageReader.MarkReadAsync(record, id) == MarkReadOutcome.NotFound ? Problems.NotFound() : RecordAnswer.Done);

    private sealed class Row
    {
        public string Id { get; init; } = "";

        public long Sequence { get; init; }

        public string Author { get; init; } = "";

        public string AuthorName { get; init; } = "";

        public string Body { get; init; } = "";

        public DateTimeOffset SentAt { get; init; }
    }

    private sealed class Reading
    {
        public string MessageId { get; init; } = "";

        public string UserId { get; init; } = "";

        public DateTimeOffset ReadAt { get; init; }
    }
}
