namespace Clinic.Notifications;

/// <summary>
/// What a user is to be told. It shows on screens that others see too, so its texts are short and say no more than is needed to act.
/// </summary>
/// <param name="Kind">One of <see cref="NoticeKind"/>.</param>
/// <param name="Priority">One of <see cref="Notifications.Priority"/>.</param>
/// <param name="Title">What happened.</param>
/// <param name="Body">The least one has to know of it.</param>
/// <param name="Link">Where in the application it is about, such as <c>/tasks/1</c>.</param>
/// <param name="RequiresAck">Whether somebody has to take note of it before it may rest.</param>
internal sealed record Notice(string Kind, string Priority, string Title, string Body, string Link, bool RequiresAck = false);

/// <summary>The kinds of notifications in the contract.</summary>
internal static class NoticeKind
{
    public const string TaskAssigned = "task_assigned";
    public const string LabResultReady = "lab_result_ready";
    public const string OrderNew = "order_new";
    public const string OrderUrgent = "order_urgent";
}

/// <summary>How pressing something is: of notifications and of tasks.</summary>
internal static class Priority
{
    public const string Low = "low";
    public const string Normal = "normal";
    public const string High = "high";
    public const string Urgent = "urgent";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Low, Normal, High, Urgent];
}
