namespace Clinic.Escalation;

/// <summary>Something that has to be acknowledged, as one row says it: one owner answers for it, whoever else is concerned.</summary>
internal sealed record Matter
{
    public string Tenant { get; init; } = "";

    /// <summary>The id of the first notification.</summary>
    public string Id { get; init; } = "";

    public string Priority { get; init; } = "";

    /// <summary>The user who answers for it.</summary>
    public string Owner { get; init; } = "";

    /// <summary>Steps taken; a change that knows another number comes too late.</summary>
    public int Step { get; init; }

    /// <summary>When the owner's time is up.</summary>
    public DateTimeOffset DueAt { get; init; }
}

/// <summary>A step of an escalation.</summary>
/// <param name="Number">From 1, rising by one within the matter.</param>
/// <param name="At">When it was taken, UTC.</param>
/// <param name="From">Who answered for it before.</param>
/// <param name="To">Who does now; the same when nobody else is there.</param>
/// <param name="Reason">One of <see cref="EscalationReason"/>.</param>
/// <param name="DueAt">When the next one is due.</param>
internal sealed record EscalationStep(int Number, DateTimeOffset At, string From, string To, string Reason, DateTimeOffset DueAt);

/// <summary>Why a step was taken.</summary>
internal static class EscalationReason
{
    /// <summary>The owner's time was up, and it went to somebody who had not had it yet.</summary>
    public const string NotAcknowledged = "not_acknowledged";

    /// <summary>Everybody of the list has had it, or there is none: all of them are reminded.</summary>
    public const string NobodyLeft = "nobody_left";
}
