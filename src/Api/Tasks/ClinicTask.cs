using Clinic.Records;
using FluentValidation;

namespace Clinic.Tasks;

/// <summary>Something that somebody has to do, as clients have it.</summary>
internal sealed record ClinicTask
{
    /// <summary>Columns of the table, in any query that brings one of these.</summary>
    public const string Columns = "id, title, assigned_to, due_at, priority, status, created_by, created_at, updated_at, version";

    public string Id { get; init; } = "";

    public string Title { get; init; } = "";

    /// <summary>The user who is to do it; null while nobody is.</summary>
    public string? AssignedTo { get; init; }

    public DateTimeOffset? DueAt { get; init; }

    /// <summary>One of <see cref="Notifications.Priority"/>.</summary>
    public string Priority { get; init; } = "";

    /// <summary>One of <see cref="TaskStatus"/>.</summary>
    public string Status { get; init; } = "";

    public string CreatedBy { get; init; } = "";

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Rises by one with each change.</summary>
    public int Version { get; init; }
}

/// <summary>The states of a task; any may follow any.</summary>
internal static class TaskStatus
{
    public const string Open = "open";
    public const string InProgress = "in_progress";
    public const string Done = "done";
    public const string Cancelled = "cancelled";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Open, InProgress, Done, Cancelled];
}

/// <summary>The body that makes a task; its priority is <c>normal</c> unless it says otherwise.</summary>
internal sealed record NewTask(string? Title, string? AssignedTo, DateTimeOffset? DueAt, string? Priority)
{
    /// <summary>Characters of a title.</summary>
    public const int MaxTitle = 200;

    /// <summary>What is asked of it.</summary>
    public sealed class Validator : AbstractValidator<NewTask>
    {
        public Validator()
        {
            RuleFor(t => t.Title).NotNull().IsText(1, MaxTitle);
            RuleFor(t => t.AssignedTo).IsIdentifier();
            RuleFor(t => t.Priority).IsOneOf(Notifications.Priority.All);
        }
    }
}

/// <summary>The body that changes a task; what is left out, or null, stays as it is.</summary>
internal sealed record TaskChange(string? Title, string? AssignedTo, DateTimeOffset? DueAt, string? Priority, string? Status)
{
    /// <summary>What is asked of it.</summary>
    public sealed class Validator : AbstractValidator<TaskChange>
    {
        public Validator()
        {
            RuleFor(t => t).Must(t => t != new TaskChange(null, null, null, null, null)).WithMessage("Must change at least one field.");
            RuleFor(t => t.Title).IsText(1, NewTask.MaxTitle);
            RuleFor(t => t.AssignedTo).IsIdentifier();
            RuleFor(t => t.Priority).IsOneOf(Notifications.Priority.All);
            RuleFor(t => t.Status).IsOneOf(TaskStatus.All);
        }
    }
}
