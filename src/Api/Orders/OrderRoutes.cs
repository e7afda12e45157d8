using Clinic.Charts;
using Clinic.Errors;
using Clinic.Notifications;
using Clinic.Records;
using Clinic.Topics;
using FluentValidation;

namespace Clinic.Orders;

/// <summary>Orders for patients; the provider is told of a new one, and of every change of an urgent one's status.</summary>
internal sealed class OrderRoutes : IRecordRoutes
{
    private const string CreateSql = $"""
        insert into patient_order (tenant, {Order.Columns})
        values (@Tenant, @id, @PatientId, @ProviderId, @Kind, @Details, @Priority, 'new', @User, @Now, @Now, 1)
        returning {Order.Columns}
        """;

    private const string SetStatusSql = $"""
        update patient_order set status = @Status, updated_at = @Now, version = version + 1
        where tenant = @Tenant and id = @id and status <> @Status
        returning {Order.Columns}
        """;

    private const string FindSql = $"select {Order.Columns} from patient_order where tenant = @Tenant and id = @id";

    private const string ListSql = $"select {Order.Columns} from patient_order o where tenant = @Tenant";

    /// <inheritdoc />
    public void AddServices(IServiceCollection services) => services
        .AddSingleton<IValidator<NewOrder>, NewOrder.Validator>()
        .AddSingleton<IValidator<OrderStatusChange>, OrderStatusChange.Validator>();

    /// <inheritdoc />
    public void Map(IEndpointRouteBuilder api)
    {
        var orders = api.MapGroup("/orders").WithTags("Orders");
        orders.MapPost("", CreateAsync)
            .WithSummary("Makes an order and notifies the provider.")
            .Produces<Order>(StatusCodes.Status201Created);
        orders.MapGet("", ListAsync).WithSummary("The orders of a patient, a provider or both, newest first.").ProducesPage<Order>();
        orders.MapGet("/{id}", GetAsync).WithSummary("An order.").Produces<Order>();
        orders.MapPatch("/{id}/status", SetStatusAsync)
            .WithSummary("Changes the status; of an urgent order the provider is notified.")
            .Produces<Order>();
    }

    private static Task<IResult> CreateAsync(NewOrder body, RecordRequest request) => request.WriteAsync(async record =>
    {
        var id = record.NewId();
        var order = (await record.FindAsync<Order>(
            CreateSql,
            new { record.Tenant, id, body.PatientId, body.ProviderId, body.Kind, body.Details, body.Priority, record.User, record.Now }))!;
        await record.NotifyAsync(
            order.ProviderId,
            new Notice(NoticeKind.OrderNew, order.Priority, $"New order: {order.Kind}", $"From {record.Caller.Name}", LinkOf(order)));
        return RecordAnswer.Created($"/api/orders/{id}", order);
    });

    private static async Task<IResult> GetAsync(string id, ChartGuard guard, RecordRequest request)
    {
        var order = (await request.QueryAsync<Order>(FindSql, new { request.Tenant, id })).SingleOrDefault();
        return order is null ? Problems.NotFound()
            : !Concerns(order, request.User) && await guard.RefuseAsync(request, order.PatientId) is { } refusal ? refusal
            : TypedResults.Ok(order);
    }

    /// <summary>Setting the status it has already is done, and tells nobody.</summary>
    private static Task<IResult> SetStatusAsync(string id, OrderStatusChange body, ChartGuard guard, RecordRequest request) => request.WriteAsync(async record =>
    {
        var changed = await record.FindAsync<Order>(SetStatusSql, new { record.Tenant, id, body.Status, record.Now });
        if ((changed ?? await record.FindAsync<Order>(FindSql, new { record.Tenant, id })) is not { } order)
        {
            return Problems.NotFound();
        }

        if (!Concerns(order, record.User) && await guard.RefuseAsync(record, order.PatientId) is { } refusal)
        {
            return refusal;
        }

        if (changed is null)
        {
            return RecordAnswer.Ok(order);
        }

        if (order.Priority == OrderPriority.Urgent)
        {
            await record.NotifyAsync(
                order.ProviderId,
                new Notice(
                    NoticeKind.OrderUrgent,
                    order.Priority,
                    $"Urgent order: {order.Kind}",
                    $"Now {order.Status.Replace('_', ' ')}",
                    LinkOf(order)));
        }

        return RecordAnswer.Ok(order);
    });

    private static async Task<IResult> ListAsync(string? patientId, string? providerId, ChartGuard guard, RecordRequest request)
    {
        if (patientId is null && providerId is null)
        {
            return Problems.Invalid("patientId", "Must name a patient, unless providerId names a provider.");
        }

        if (patientId is not null && !Identifier.IsValid(patientId))
        {
            return Problems.Invalid("patientId", "Must be the id of a patient.");
        }

        if (providerId is not null && !Identifier.IsValid(providerId))
        {
            return Problems.Invalid("providerId", "Must be the id of a user.");
        }

        if (patientId is not null && await guard.RefuseAsync(request, patientId) is { } refusal)
        {
            return refusal;
        }

        if (!request.TryReadPage(out var size, out var after, out var problem))
        {
            return problem!;
        }

        var sql = ListSql
            + (patientId is null ? "" : " and patient_id = @patientId")
            + (providerId is null ? "" : " and provider_id = @providerId")
            // A provider's orders are of many patients: those that the caller may not see are left out.
            + (patientId is not null || request.Caller.IsService ? "" : $" and (provider_id = @User or created_by = @User or {ChartGuard.Visible})")
            + (after is null ? "" : " and (created_at, id) < (@time, @after)")
            + " order by created_at desc, id desc limit @Rows";
        var rows = await request.QueryAsync<Order>(
            sql, new { request.Tenant, request.User, since = guard.Since, patientId, providerId, time = after?.Time, after = after?.Id, size.Rows });
        return TypedResults.Ok(size.Take(rows, last => new Cursor(last.CreatedAt, last.Id).ToString()));
    }

    /// <summary>Who has to carry out an order or made it knows it, whether or not they may see the rest of the chart.</summary>
    private static bool Concerns(Order order, string user) => order.ProviderId == user || order.CreatedBy == user;

    private static string LinkOf(Order order) => $"/orders/{order.Id}";
}
