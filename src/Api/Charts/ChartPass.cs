using Clinic.Presence;

namespace Clinic.Charts;

/// <summary>What a user may do with a chart at a moment.</summary>
/// <param name="IsRestricted">Whether it is restricted and the user not of its care team.</param>
/// <param name="Glass">That the user has it open all the same, with a reason whose time is not over; null when not.</param>
/// <param name="Reason">That reason.</param>
internal sealed record ChartPass(bool IsRestricted, BrokenGlass? Glass, string? Reason)
{
    /// <summary>Why a restricted chart is forbidden, for clients: it opens with a reason.</summary>
    public const string ReasonRequired = "reason_required";

    /// <summary>A reason shorter than this says nothing.</summary>
    public const int MinReason = 3;

    /// <summary>The chart is open to the user without a reason.</summary>
    public static ChartPass Free { get; } = new(false, null, null);

    /// <summary>The chart opens to the user with a reason only.</summary>
    public static ChartPass NeedsReason { get; } = new(true, null, null);

    /// <summary>Whether the user may see what the chart says now.</summary>
    public bool MaySee => !IsRestricted || Glass is not null;

    /// <summary>
    /// Whether a view may stay. One of before the restriction may not, even if the user opened the chart with a reason in another window: it would not end when the reason's
    /// time is over.
    /// </summary>
    public bool MayKeep(ChartView? view) => !IsRestricted || (view is null ? MaySee : view.BreakGlass is not null && view.BreakGlass == Glass);

    /// <summary>The view that opening the chart comes to. What is open already stays as it is, with its first reason.</summary>
    /// <param name="open">The connection's view so far; null for none.</param>
    /// <param name="reason">What the user gave as the reason, if anything.</param>
    /// <param name="now">The time.</param>
    /// <param name="time">For how long a reason opens a restricted chart.</param>
    /// <param name="view">The view; null when it can't be opened like this.</param>
    public ChartOpening Open(ChartView? open, string? reason, DateTimeOffset now, TimeSpan time, out ChartView? view)
    {
        if (!IsRestricted || Glass is not null)
        {
            view = MayKeep(open) && open is not null ? open
                : Glass is null ? new ChartView(now, reason)
                : new ChartView(now, Reason, Glass);
            return ChartOpening.Opened;
        }

        view = null;
        var given = reason?.Trim() ?? "";
        if (given.Length < MinReason)
        {
            return given.Length == 0 ? ChartOpening.ReasonMissing : ChartOpening.ReasonTooShort;
        }

        var at = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMillisecond));
        view = new ChartView(now, given, new BrokenGlass(at, at + time));
        return ChartOpening.Opened;
    }
}

/// <summary>What a wish to open a chart comes to.</summary>
internal enum ChartOpening
{
    /// <summary>It opens.</summary>
    Opened,

    /// <summary>It is restricted, and there is no reason.</summary>
    ReasonMissing,

    /// <summary>It is restricted, and the reason says nothing.</summary>
    ReasonTooShort,
}
