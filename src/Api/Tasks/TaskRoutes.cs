using Clinic.Errors;
using Clinic.Notifications;
using Clinic.Records;
using Clinic.Topics;
using FluentValidation;

namespace Clinic.Tasks;

/// <summary>The clinic's tasks; whoever is given one is notified, unless they gave it to themselves.</summary>
internal sealed class TaskRoutes : IRecordRoutes
{
    private const string CreateSql = $"""
        insert into task (tenant, {ClinicTask.Columns})
        values (@Tenant, @id, @Title, @AssignedTo, @DueAt, @priority, 'open', @User, @Now, @Now, 1)
        returning {ClinicTask.Columns}
        """;

    private const string ChangeSql = """
        update task set title = @Title, assigned_to = @AssignedTo, due_at = @DueAt, priority = @Priority, status = @Status,
            updated_at = @UpdatedAt, version = @Version
        where tenant = @Tenant and id = @Id
        """;

    private const string FindSql = $"select {ClinicTask.Columns} from task where tenant = @Tenant and id = @id";

    private const string ListSql = $"select {ClinicTask.Columns} from task where tenant = @Tenant";

    /// <inheritdoc />
    public void AddServices(IServiceCollection services) => services
        .AddSingleton<IValidator<NewTask>, NewTask.Validator>()
        .AddSingleton<IValidator<TaskChange>, TaskChange.Validator>();

    /// <inheritdoc />
    public void Map(IEndpointRouteBuilder api)
    {
        var tasks = api.MapGroup("/tasks").WithTags("Tasks");
        tasks.MapPost("", CreateAsync)
            .WithSummary("Makes a task and notifies its assignee, if that is somebody else.")
            .Produces<ClinicTask>(StatusCodes.Status201Created);
        tasks.MapGet("", ListAsync).WithSummary("The clinic's tasks, newest first; of one assignee or status if asked.").ProducesPage<ClinicTask>();
        tasks.MapGet("/{id}", GetAsync).WithSummary("A task.").Produces<ClinicTask>();
        tasks.MapPatch("/{id}", ChangeAsync)
            .WithSummary("Changes a task and notifies a new assignee, if that is somebody else.")
            .Produces<ClinicTask>();
    }

    private static Task<IResult> CreateAsync(NewTask body, RecordRequest request) => request.WriteAsync(async record =>
    {
        var id = record.NewId();
        var priority = body.Priority ?? Priority.Normal;
        var task = (await record.FindAsync<ClinicTask>(
            CreateSql, new { record.Tenant, id, body.Title, body.AssignedTo, body.DueAt, priority, record.User, record.Now }))!;
        await TellAssigneeAsync(record, task);
        return RecordAnswer.Created($"/api/tasks/{id}", task);
    });

    private static async Task<IResult> GetAsync(string id, RecordRequest request)
    {
        var task = (await request.QueryAsync<ClinicTask>(FindSql, new { request.Tenant, id })).SingleOrDefault();
        return task is null ? Problems.NotFound() : TypedResults.Ok(task);
    }

    private static Task<IResult> ChangeAsync(string id, TaskChange body, RecordRequest request) => request.WriteAsync(async record =>
    {
        if (await record.LockAsync<ClinicTask>(FindSql, new { record.Tenant, id }) is not { } before)
        {
            return Problems.NotFound();
        }

        var after = before with
        {
            Title = body.Title ?? before.Title,
            AssignedTo = body.AssignedTo ?? before.AssignedTo,
            DueAt = body.DueAt ?? before.DueAt,
            Priority = body.Priority ?? before.Priority,
            Status = body.Status ?? before.Status,
        };
        if (after == before)
        {
            return RecordAnswer.Ok(before);
        }

        after = after with { UpdatedAt = record.Now, Version = before.Version + 1 };
        await record.ExecuteAsync(
            ChangeSql,
            new { record.Tenant, after.Id, after.Title, after.AssignedTo, after.DueAt, after.Priority, after.Status, after.UpdatedAt, after.Version });
        if (after.AssignedTo != before.AssignedTo)
        {
            await TellAssigneeAsync(record, after);
        }

        return RecordAnswer.Ok(after);
    });

    private static async Task<IResult> ListAsync(string? assignedTo, string? status, RecordRequest request)
    {
        if (assignedTo is not null && !Identifier.IsValid(assignedTo))
        {
            return Problems.Invalid("assignedTo", "Must be the id of a user.");
        }

        if (status is not null && !TaskStatus.All.Contains(status))
        {
            return Problems.Invalid("status", $"Must be one of {string.Join(", ", TaskStatus.All)}.");
        }

        if (!request.TryReadPage(out var size, out var after, out var problem))
        {
            return problem!;
        }

        var sql = ListSql
            + (assignedTo is null ? "" : " and assigned_to = @assignedTo")
            + (status is null ? "" : " and status = @status")
            + (after is null ? "" : " and (created_at, id) < (@time, @after)")
            + " order by created_at desc, id desc limit @Rows";
        var rows = await request.QueryAsync<ClinicTask>(
            sql, new { request.Tenant, assignedTo, status, time = after?.Time, after = after?.Id, size.Rows });
        return TypedResults.Ok(size.Take(rows, last => new Cursor(last.CreatedAt, last.Id).ToString()));
    }

    private static async Task TellAssigneeAsync(RecordTransaction record, ClinicTask task)
    {
        if (task.AssignedTo is { } assignee && assignee != record.User)
        {
            await record.NotifyAsync(
                assignee, new Notice(NoticeKind.TaskAssigned, task.Priority, "Task assigned to you", task.Title, $"/tasks/{task.Id}"));
        }
    }
}
