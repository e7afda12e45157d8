namespace Clinic.Notifications;

/// <summary>A notification as the user who got it sees it.</summary>
internal sealed class Notification
{
    /// <summary>Columns of the table, in any query that brings one of these.</summary>
    public const string Columns =
        "id, kind, priority, title, body, link, requires_ack, created_at, acknowledged_at, acknowledged_by";

    public string Id { get; init; } = "";

    /// <summary>One of <see cref="NoticeKind"/>.</summary>
    public string Kind { get; init; } = "";

    /// <summary>One of <see cref="Notifications.Priority"/>.</summary>
    public string Priority { get; init; } = "";

    public string Title { get; init; } = "";

    public string Body { get; init; } = "";

    /// <summary>Where in the application it is about, such as <c>/tasks/1</c>.</summary>
    public string Link { get; init; } = "";

    /// <summary>Whether somebody has to take note of it before it may rest.</summary>
    public bool RequiresAck { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? AcknowledgedAt { get; init; }

    public string? AcknowledgedBy { get; init; }
}

/// <summary>The data of <c>notification:acknowledged</c>.</summary>
internal sealed record NotificationAcknowledged(string Id, string By, DateTimeOffset At);
