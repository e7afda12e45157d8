using Clinic.Errors;
using Clinic.Records;
using Dapper;
using FluentValidation;

namespace Clinic.Messaging;

/// <summary>The caller's threads. A thread the caller takes no part in answers as one that does not exist.</summary>
internal sealed class ThreadRoutes : IRecordRoutes
{
    private const string CreateSql = """
        insert into thread (tenant, id, subject, created_by, created_at, last_message_at)
        values (@Tenant, @id, @Subject, @User, @Now, @Now)
        on conflict (tenant, id) do nothing
        """;

    private const string ListSql = """
        select t.id, t.subject, t.created_by, t.created_at, t.last_message_at, p.unread
        from thread_participant p join thread t on t.tenant = p.tenant and t.id = p.thread_id
        where p.tenant = @Tenant and p.user_id = @User
        """;

    /// <inheritdoc />
    public void AddServices(IServiceCollection services) => services.AddSingleton<IValidator<NewThread>, NewThread.Validator>();

    /// <inheritdoc />
    public void Map(IEndpointRouteBuilder api)
    {
        var threads = api.MapGroup("/messaging").WithTags("Messaging");
        threads.MapPost("", CreateAsync)
            .WithSummary("Makes a thread; who makes it takes part in it.")
            .Produces<MessageThread>(StatusCodes.Status201Created);
        threads.MapGet("", ListAsync).WithSummary("The caller's threads by their latest activity.").ProducesPage<MessageThread>();
    }

    private static Task<IResult> CreateAsync(NewThread body, RecordRequest request) => request.WriteAsync(async record =>
    {
        var id = body.Id ?? record.NewId();
        if (await record.ExecuteAsync(CreateSql, new { record.Tenant, id, body.Subject, record.User, record.Now }) == 0)
        {
            // Whose thread it is stays hidden; that an id is taken can't be.
            return Problems.Conflict("There is a thread with this id.");
        }

        var participants = body.Participants!.Append(record.User).Select(user => user!).Distinct().Order(StringComparer.Ordinal).ToArray();
        foreach (var user in participants)
        {
            await record.ExecuteAsync(
                "insert into thread_participant (tenant, thread_id, user_id, unread) values (@Tenant, @id, @user, 0)",
                new { record.Tenant, id, user });
        }

        return RecordAnswer.Created(
            $"/api/messaging/{Uri.EscapeDataString(id)}/messages",
            new MessageThread(id, body.Subject!, participants, record.User, record.Now, record.Now, 0));
    });

    private static async Task<IResult> ListAsync(RecordRequest request)
    {
        if (!request.TryReadPage(out var size, out var after, out var problem))
        {
            return problem!;
        }

        var sql = ListSql
            + (after is null ? "" : " and (t.last_message_at, t.id) < (@time, @after)")
            + " order by t.last_message_at desc, t.id desc limit @Rows";
        return await request.ReadAsync(async connection =>
        {
            var rows = await connection.QueryAsync<Row>(sql, new { request.Tenant, request.User, time = after?.Time, after = after?.Id, size.Rows });
            var page = size.Take(rows, last => new Cursor(last.LastMessageAt, last.Id).ToString());
            var participants = (await connection.QueryAsync<(string Thread, string User)>(
                $"select thread_id, user_id from thread_participant where tenant = @Tenant and thread_id {connection.IsIn("@threads")} order by user_id",
                new { request.Tenant, threads = page.Items.Select(t => t.Id).ToArray() })).ToLookup(p => p.Thread, p => p.User);
            return TypedResults.Ok(new Page<MessageThread>(
                [.. page.Items.Select(t => new MessageThread(
                    t.Id, t.Subject, [.. participants[t.Id]], t.CreatedBy, t.CreatedAt, t.LastMessageAt, t.Unread))],
                page.Next));
        });
    }

    private sealed class Row
    {
        public string Id { get; init; } = "";

        public string Subject { get; init; } = "";

        public string CreatedBy { get; init; } = "";

        public DateTimeOffset CreatedAt { get; init; }

        public DateTimeOffset LastMessageAt { get; init; }

        public int Unread { get; init; }
    }
}
