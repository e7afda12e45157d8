using System.Text.Json;

namespace Clinic.Escalation;

/// <summary>When, and to whom, a clinic's unacknowledged notifications go on; one rule a priority.</summary>
/// <param name="Urgent">For <c>urgent</c>, which critical results are.</param>
/// <param name="High">For <c>high</c>.</param>
/// <param name="Normal">For <c>normal</c>.</param>
/// <param name="Low">For <c>low</c>.</param>
public sealed record EscalationPolicy(EscalationRule Urgent, EscalationRule High, EscalationRule Normal, EscalationRule Low)
{
    /// <summary>Of a clinic that has none: nobody to go on to, and 15 minutes, 1 hour, 4 hours and a day until the owner is reminded.</summary>
    public static EscalationPolicy Default { get; } =
        new(new EscalationRule(900, []), new EscalationRule(3_600, []), new EscalationRule(14_400, []), new EscalationRule(86_400, []));

    /// <summary>The query for a clinic's stored policy, of parameter <c>Tenant</c>; no row for a clinic that has none.</summary>
    public const string Sql = "select policy from escalation_policy where tenant = @Tenant";

    /// <summary>Reads what <see cref="Store"/> wrote; null is <see cref="Default"/>.</summary>
    public static EscalationPolicy Read(string? stored) =>
        stored is null ? Default : JsonSerializer.Deserialize<EscalationPolicy>(stored, JsonSerializerOptions.Web)!;

    /// <summary>The form in which it is stored.</summary>
    public string Store() => JsonSerializer.Serialize(this, JsonSerializerOptions.Web);

    /// <summary>The rule of a priority of the contract.</summary>
    public EscalationRule For(string priority) => priority switch
    {
        "urgent" => Urgent,
        "high" => High,
        "low" => Low,
        _ => Normal,
    };
}

/// <summary>What happens to a notification that is not acknowledged.</summary>
/// <param name="AfterSeconds">How long its owner has before it goes on, and everybody after them; 1 to <see cref="MaxSeconds"/>.</param>
/// <param name="List">Users it goes on to, in the order in which they are asked when nobody of them is present; at most <see cref="MaxList"/>.</param>
public sealed record EscalationRule(int AfterSeconds, IReadOnlyList<string> List)
{
    /// <summary>Longest time: a day.</summary>
    public const int MaxSeconds = 86_400;

    /// <summary>Longest list.</summary>
    public const int MaxList = 20;

    /// <summary><see cref="AfterSeconds"/> as what it is.</summary>
    internal TimeSpan After => TimeSpan.FromSeconds(AfterSeconds);

    /// <summary>When the time of somebody who became the owner at <paramref name="start"/> is up.</summary>
    public DateTimeOffset DueAfter(DateTimeOffset start) => start + After;
}
