using System.Globalization;
using System.Text.Json;
using Clinic.Notifications;
using Clinic.Storage;
using Clinic.Topics;
using Clinic.Unread;

namespace Clinic.Escalation;

/// <summary>What users are told of a step. Nobody did it, so the events have no author.</summary>
internal static class EscalationEvents
{
    public static EventDraft New(NotificationRow row) =>
        Draft("notification:new", new NotificationNew(row.Id, row.Kind, row.Priority, row.Title, row.Body, row.Link, row.RequiresAck));

    public static EventDraft Unread(UnreadRow counts) =>
        Draft("unread:changed", new UnreadChanged(counts.Messages, counts.Notifications, null));

    public static EventDraft Escalated(string id, string matter, EscalationStep step) => Draft(
        "notification:escalated",
        new NotificationEscalated(id, matter, step.From, step.To, step.Reason, step.Number, Text(step.At), Text(step.DueAt)));

    private static EventDraft Draft<T>(string type, T data) =>
        new(type, null, JsonSerializer.SerializeToUtf8Bytes(data, JsonSerializerOptions.Web), null);

    /// <summary>Times of the contract have the form that SQLite keeps.</summary>
    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString(DapperTypes.SqliteForm, CultureInfo.InvariantCulture);
}

/// <summary>The data of <c>notification:escalated</c>.</summary>
/// <param name="Id">The receiver's own notification.</param>
/// <param name="Matter">What all concerned have in common: the id of the first notification.</param>
/// <param name="From">Who answered for it before.</param>
/// <param name="To">Who does now.</param>
/// <param name="Reason">One of <see cref="EscalationReason"/>.</param>
/// <param name="Step">The step's number.</param>
/// <param name="At">When.</param>
/// <param name="DueAt">When the next step is due.</param>
internal sealed record NotificationEscalated(string Id, string Matter, string From, string To, string Reason, int Step, string At, string DueAt);

/// <summary>What <see cref="NotificationNew"/> needs of a row of <c>notification</c>.</summary>
internal sealed class NotificationRow
{
    public string Id { get; init; } = "";

    public string Kind { get; init; } = "";

    public string Priority { get; init; } = "";

    public string Title { get; init; } = "";

    public string Body { get; init; } = "";

    public string Link { get; init; } = "";

    public bool RequiresAck { get; init; }
}

/// <summary>A row of <c>unread</c>.</summary>
internal sealed class UnreadRow
{
    public int Messages { get; init; }

    public int Notifications { get; init; }
}
