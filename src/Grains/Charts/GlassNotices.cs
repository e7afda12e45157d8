using System.Data.Common;
using System.Text.Json;
using Clinic.Notifications;
using Clinic.Storage;
using Clinic.Topics;
using Clinic.Unread;
using Dapper;

namespace Clinic.Charts;

/// <summary>Notifies those who answer for privacy that a restricted chart was opened, in the transaction that records it.</summary>
internal static class GlassNotices
{
    private const string Kind = "system";
    private const string Priority = "urgent";
    private const string Title = "Restricted chart opened";

    private const string Insert =
        """
        insert into notification
            (tenant, id, user_id, kind, priority, title, body, link, requires_ack, created_by, created_at, acknowledged_at, acknowledged_by, matter_id)
        values (@Tenant, @id, @officer, @Kind, @Priority, @Title, @body, @link, @requiresAck, @UserId, @now, null, null, null)
        """;

    /// <summary>Adds a notification for each officer, with its events. Counts are locked in the order of the users, as by everybody who changes several.</summary>
    public static async Task AddAsync(
        DbTransaction transaction, AccessRow row, IReadOnlyList<string> officers, DateTimeOffset now, CancellationToken cancellation)
    {
        // Others see the screens it shows on: the reason stays in the access log.
        var body = $"By {row.Name}. The reason is in the chart's access log.";
        var link = $"/patients/{Uri.EscapeDataString(row.PatientId)}/access-log";
        foreach (var officer in officers.Order(StringComparer.Ordinal))
        {
            var id = Guid.CreateVersion7(now).ToString();
            await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                Insert,
                new { row.Tenant, id, officer, Kind, Priority, Title, body, link, requiresAck = false, row.UserId, now },
                transaction,
                cancellationToken: cancellation));
            var counts = await transaction.Connection!.QuerySingleAsync<Counts>(new CommandDefinition(
                UnreadChanged.RaiseNotificationsSql, new { row.Tenant, user = officer }, transaction, cancellationToken: cancellation));
            EventDraft[] events =
            [
                Draft("notification:new", new NotificationNew(id, Kind, Priority, Title, body, link, RequiresAck: false), row.UserId),
                Draft("unread:changed", new UnreadChanged(counts.Messages, counts.Notifications, null), row.UserId),
            ];
            await PendingEvents.AddAsync(transaction, TopicId.ForUser(row.Tenant, officer), events, now, cancellation);
        }
    }

    private static EventDraft Draft<T>(string type, T data, string by) => new(type, null, JsonSerializer.SerializeToUtf8Bytes(data, JsonSerializerOptions.Web), by);

    private sealed class Counts
    {
        public int Messages { get; init; }

        public int Notifications { get; init; }
    }
}
