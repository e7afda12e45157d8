using Clinic.Errors;
using Clinic.Records;

namespace Clinic.Notifications;

/// <summary>The caller's own notifications; anybody else's answer as ones that don't exist.</summary>
internal sealed class NotificationRoutes : IRecordRoutes
{
    private const string ListSql = $"select {Notification.Columns} from notification where tenant = @Tenant and user_id = @User";

    /// <inheritdoc />
    public void AddServices(IServiceCollection services) => services.AddSingleton<NotificationAcknowledger>();

    /// <inheritdoc />
    public void Map(IEndpointRouteBuilder api)
    {
        var notifications = api.MapGroup("/notifications").WithTags("Notifications");
        notifications.MapGet("", ListAsync)
            .WithSummary("The caller's notifications, newest first; with unacknowledged=true only those that still have to be acknowledged.")
            .ProducesPage<Notification>();
        notifications.MapPost("/{id}/ack", AcknowledgeAsync)
            .WithSummary("Acknowledges a notification of the caller's. A repeat is harmless.")
            .Produces<Notification>();
    }

    private static async Task<IResult> ListAsync(bool? unacknowledged, RecordRequest request)
    {
        if (!request.TryReadPage(out var size, out var after, out var problem))
        {
            return problem!;
        }

        var sql = ListSql
            + (unacknowledged == true ? " and acknowledged_at is null" : "")
            + (after is null ? "" : " and (created_at, id) < (@time, @after)")
            + " order by created_at desc, id desc limit @Rows";
        var rows = await request.QueryAsync<Notification>(
            sql, new { request.Tenant, request.User, time = after?.Time, after = after?.Id, size.Rows });
        return TypedResults.Ok(size.Take(rows, last => new Cursor(last.CreatedAt, last.Id).ToString()));
    }

    private static Task<IResult> AcknowledgeAsync(string id, RecordRequest request) => request.WriteAsync(async record =>
        await NotificationAcknowledger.AcknowledgeAsync(record, id) is { } notification ? RecordAnswer.Ok(notification) : Problems.NotFound());
}
