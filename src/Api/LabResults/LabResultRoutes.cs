using Clinic.Charts;
using Clinic.Errors;
using Clinic.Notifications;
using Clinic.Records;
using Clinic.Topics;
using FluentValidation;

namespace Clinic.LabResults;

/// <summary>Results of the laboratory; who ordered a test is told when its result comes, and when its status changes or it turns critical.</summary>
internal sealed class LabResultRoutes : IRecordRoutes
{
    private const string CreateSql = $"""
        insert into lab_result (tenant, {LabResult.Columns})
        values (@Tenant, @id, @PatientId, @OrderedBy, @Test, @Value, @Unit, @Status, @Abnormal, @User, @Now, @Now, 1)
        returning {LabResult.Columns}
        """;

    private const string ChangeSql = """
        update lab_result set value = @Value, unit = @Unit, status = @Status, abnormal = @Abnormal, updated_at = @UpdatedAt, version = @Version
        where tenant = @Tenant and id = @Id
        """;

    private const string FindSql = $"select {LabResult.Columns} from lab_result where tenant = @Tenant and id = @id";

    private const string ListSql = $"select {LabResult.Columns} from lab_result where tenant = @Tenant and patient_id = @patientId";

    /// <inheritdoc />
    public void AddServices(IServiceCollection services) => services
        .AddSingleton<IValidator<NewLabResult>, NewLabResult.Validator>()
        .AddSingleton<IValidator<LabResultChange>, LabResultChange.Validator>();

    /// <inheritdoc />
    public void Map(IEndpointRouteBuilder api)
    {
        var results = api.MapGroup("/lab-results").WithTags("Lab results");
        results.MapPost("", CreateAsync)
            .WithSummary("Enters a result and notifies who ordered it; a critical one has to be acknowledged.")
            .Produces<LabResult>(StatusCodes.Status201Created);
        results.MapGet("", ListAsync).WithSummary("A patient's results, newest first.").ProducesPage<LabResult>();
        results.MapGet("/{id}", GetAsync).WithSummary("A result.").Produces<LabResult>();
        results.MapPatch("/{id}", ChangeAsync)
            .WithSummary("Changes a result; notifies who ordered it when the status changes or the result becomes critical.")
            .Produces<LabResult>();
    }

    private static Task<IResult> CreateAsync(NewLabResult body, RecordRequest request) => request.WriteAsync(async record =>
    {
        var id = record.NewId();
        var result = (await record.FindAsync<LabResult>(
            CreateSql,
            new
            {
                record.Tenant,
                id,
                body.PatientId,
                body.OrderedBy,
                body.Test,
                body.Value,
                body.Unit,
                body.Status,
                body.Abnormal,
                record.User,
                record.Now,
            }))!;
        await record.NotifyAsync(result.OrderedBy, NoticeOf(result));
        return RecordAnswer.Created($"/api/lab-results/{id}", result);
    });

    private static async Task<IResult> GetAsync(string id, ChartGuard guard, RecordRequest request)
    {
        var result = (await request.QueryAsync<LabResult>(FindSql, new { request.Tenant, id })).SingleOrDefault();
        return result is null ? Problems.NotFound()
            : !Concerns(result, request.User) && await guard.RefuseAsync(request, result.PatientId) is { } refusal ? refusal
            : TypedResults.Ok(result);
    }

    private static Task<IResult> ChangeAsync(string id, LabResultChange body, ChartGuard guard, RecordRequest request) => request.WriteAsync(async record =>
    {
        if (await record.LockAsync<LabResult>(FindSql, new { record.Tenant, id }) is not { } before)
        {
            return Problems.NotFound();
        }

        if (!Concerns(before, record.User) && await guard.RefuseAsync(record, before.PatientId) is { } refusal)
        {
            return refusal;
        }

        var after = before with
        {
            Value = body.Value ?? before.Value,
            Unit = body.Unit ?? before.Unit,
            Status = body.Status ?? before.Status,
            Abnormal = body.Abnormal ?? before.Abnormal,
        };
        if (after == before)
        {
            return RecordAnswer.Ok(before);
        }

        after = after with { UpdatedAt = record.Now, Version = before.Version + 1 };
        await record.ExecuteAsync(
            ChangeSql, new { record.Tenant, after.Id, after.Value, after.Unit, after.Status, after.Abnormal, after.UpdatedAt, after.Version });
        if (after.Status != before.Status || (after.Abnormal != before.Abnormal && after.Abnormal == Abnormality.Critical))
        {
            await record.NotifyAsync(after.OrderedBy, NoticeOf(after));
        }

        return RecordAnswer.Ok(after);
    });

    private static async Task<IResult> ListAsync(string? patientId, ChartGuard guard, RecordRequest request)
    {
        if (!Identifier.IsValid(patientId))
        {
            return Problems.Invalid("patientId", "Must be the id of a patient.");
        }

        if (await guard.RefuseAsync(request, patientId!) is { } refusal)
        {
            return refusal;
        }

        if (!request.TryReadPage(out var size, out var after, out var problem))
        {
            return problem!;
        }

        var sql = ListSql + (after is null ? "" : " and (created_at, id) < (@time, @after)") + " order by created_at desc, id desc limit @Rows";
        var rows = await request.QueryAsync<LabResult>(sql, new { request.Tenant, patientId, time = after?.Time, after = after?.Id, size.Rows });
        return TypedResults.Ok(size.Take(rows, last => new Cursor(last.CreatedAt, last.Id).ToString()));
    }

    /// <summary>Who ordered or entered a result knows it, whether or not they may see the rest of the chart.</summary>
    private static bool Concerns(LabResult result, string user) => result.OrderedBy == user || result.CreatedBy == user;

    private static Notice NoticeOf(LabResult result)
    {
        var (priority, what) = result.Abnormal switch
        {
            Abnormality.Critical => (Priority.Urgent, "Critical result"),
            Abnormality.Abnormal => (Priority.High, "Abnormal result"),
            _ => (Priority.Normal, "Result"),
        };
        var value = result.Unit.Length == 0 ? result.Value : $"{result.Value} {result.Unit}";
        return new Notice(
            NoticeKind.LabResultReady,
            priority,
            $"{what}: {result.Test}",
            $"{value} ({result.Status})",
            $"/patients/{Uri.EscapeDataString(result.PatientId)}",
            RequiresAck: result.Abnormal == Abnormality.Critical);
    }
}
