namespace Clinic.Publisher;

/// <summary>What <c>notification:new</c> carries.</summary>
/// <param name="Kind"><c>task_assigned</c>, <c>lab_result_ready</c>, <c>order_new</c>, <c>order_urgent</c> or <c>system</c>.</param>
/// <param name="Title">One line.</param>
public sealed record Notification(string Kind, string Title)
{
    /// <summary>The notification's own id; chosen when not set.</summary>
    public string Id { get; init; } = Guid.CreateVersion7().ToString();

    /// <summary><c>low</c>, <c>normal</c>, <c>high</c> or <c>urgent</c>. Default normal.</summary>
    public string Priority { get; init; } = "normal";

    /// <summary>More text, if any.</summary>
    public string? Body { get; init; }

    /// <summary>Where a click leads, if anywhere.</summary>
    public string? Link { get; init; }

    /// <summary>Whether the user has to confirm it. Default no.</summary>
    public bool RequiresAck { get; init; }
}
