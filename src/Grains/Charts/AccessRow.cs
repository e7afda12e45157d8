namespace Clinic.Charts;

/// <summary>A row of <c>chart_access</c>.</summary>
internal sealed class AccessRow
{
    public string Id { get; init; } = "";

    public string Tenant { get; init; } = "";

    public string PatientId { get; init; } = "";

    public string Topic { get; init; } = "";

    public string UserId { get; init; } = "";

    public string Name { get; init; } = "";

    public string? Reason { get; init; }

    public DateTimeOffset OpenedAt { get; init; }

    public DateTimeOffset? ClosedAt { get; init; }

    public string? ClosedBy { get; init; }

    public bool BreakGlass { get; init; }
}
