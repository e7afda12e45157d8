using Clinic.Notifications;
using Clinic.Records;
using FluentValidation;

namespace Clinic.Orders;

/// <summary>What a provider is asked to do for a patient, as clients have it.</summary>
internal sealed record Order
{
    /// <summary>Columns of the table, in any query that brings one of these.</summary>
    public const string Columns =
        "id, patient_id, provider_id, kind, details, priority, status, created_by, created_at, updated_at, version";

    public string Id { get; init; } = "";

    public string PatientId { get; init; } = "";

    /// <summary>The user who is told of it.</summary>
    public string ProviderId { get; init; } = "";

    /// <summary>What sort of order it is, such as <c>x-ray</c>; it shows in notifications.</summary>
    public string Kind { get; init; } = "";

    public string Details { get; init; } = "";

    /// <summary>One of <see cref="OrderPriority"/>.</summary>
    public string Priority { get; init; } = "";

    /// <summary>One of <see cref="OrderStatus"/>.</summary>
    public string Status { get; init; } = "";

    public string CreatedBy { get; init; } = "";

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Rises by one with each change.</summary>
    public int Version { get; init; }
}

/// <summary>How pressing an order is.</summary>
internal static class OrderPriority
{
    public const string Urgent = Priority.Urgent;

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Priority.Normal, Urgent];
}

/// <summary>The states of an order; any may follow any.</summary>
internal static class OrderStatus
{
    public static IReadOnlyList<string> All { get; } = ["new", "in_progress", "completed", "cancelled"];
}

/// <summary>The body that makes an order.</summary>
internal sealed record NewOrder(string? PatientId, string? ProviderId, string? Kind, string? Details, string? Priority)
{
    private const int MaxKind = 100;
    private const int MaxDetails = 4000;

    /// <summary>What is asked of it.</summary>
    public sealed class Validator : AbstractValidator<NewOrder>
    {
        public Validator()
        {
            RuleFor(o => o.PatientId).NotNull().IsIdentifier();
            RuleFor(o => o.ProviderId).NotNull().IsIdentifier();
            RuleFor(o => o.Kind).NotNull().IsText(1, MaxKind);
            RuleFor(o => o.Details).NotNull().IsText(0, MaxDetails);
            RuleFor(o => o.Priority).NotNull().IsOneOf(OrderPriority.All);
        }
    }
}

/// <summary>The body that changes an order's status.</summary>
internal sealed record OrderStatusChange(string? Status)
{
    /// <summary>What is asked of it.</summary>
    public sealed class Validator : AbstractValidator<OrderStatusChange>
    {
        public Validator() => RuleFor(o => o.Status).NotNull().IsOneOf(OrderStatus.All);
    }
}
