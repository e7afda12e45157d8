using Clinic.Presence;

namespace Clinic.Charts;

public sealed class ChartPassTests
{
    private static readonly DateTimeOffset Now = new DateTimeOffset(2026, 1, 1, 8, 0, 0, TimeSpan.Zero).AddTicks(1_234_567);
    private static readonly DateTimeOffset NowStored = new(2026, 1, 1, 8, 0, 0, 123, TimeSpan.Zero);
    private static readonly TimeSpan For = TimeSpan.FromMinutes(30);
    private static readonly BrokenGlass Current = new(Now.AddMinutes(-5), Now.AddMinutes(25));
    private static readonly ChartPass Joined = new(true, Current, "emergency");

    [Fact]
    public void A_chart_that_is_not_restricted_opens_with_and_without_a_reason()
    {
        Assert.Equal(new ChartView(Now, null), Open(ChartPass.Free, null, null));
        Assert.Equal(new ChartView(Now, "ward round"), Open(ChartPass.Free, null, "ward round"));
    }

    [Theory]
    [InlineData(null, ChartOpening.ReasonMissing)]
    [InlineData("", ChartOpening.ReasonMissing)]
    [InlineData("  \t ", ChartOpening.ReasonMissing)]
    [InlineData(" ab ", ChartOpening.ReasonTooShort)]
    internal void A_restricted_chart_does_not_open_without_a_reason_that_says_something(string? reason, ChartOpening expected)
    {
        Assert.Equal(expected, ChartPass.NeedsReason.Open(null, reason, Now, For, out var view));
        Assert.Null(view);
        // Also not to somebody who had it open before it was restricted, or whose time is over.
        Assert.Equal(expected, ChartPass.NeedsReason.Open(new ChartView(Now, null), reason, Now, For, out _));
        Assert.Equal(expected, ChartPass.NeedsReason.Open(new ChartView(Now, "emergency", Current), reason, Now, For, out _));
    }

    [Fact]
    public void A_reason_opens_it_for_its_time_from_whole_milliseconds_on() =>
        Assert.Equal(
            new ChartView(Now, "emergency", new BrokenGlass(NowStored, NowStored + For)), Open(ChartPass.NeedsReason, null, "  emergency "));

    [Fact]
    public void Another_window_of_the_user_joins_with_the_first_reason_and_its_time()
    {
        Assert.Equal(new ChartView(Now, "emergency", Current), Open(Joined, null, null));
        Assert.Equal(new ChartView(Now, "emergency", Current), Open(Joined, null, "another reason"));
        Assert.Equal(new ChartView(Now, "emergency", Current), Open(Joined, new ChartView(Now.AddHours(-1), null), null));
    }

    [Fact]
    public void Opening_again_changes_nothing()
    {
        var open = new ChartView(Now.AddMinutes(-1), "emergency", Current);
        Assert.Same(open, Open(Joined, open, "another reason"));
        Assert.Same(open, Open(ChartPass.Free, open, null));
    }

    [Fact]
    public void What_may_stay_when_a_restriction_changed()
    {
        var ordinary = new ChartView(Now, null);
        Assert.True(ChartPass.Free.MayKeep(ordinary));
        Assert.False(ChartPass.NeedsReason.MayKeep(ordinary));
        Assert.False(ChartPass.NeedsReason.MayKeep(null));
        Assert.True(Joined.MayKeep(null));
        Assert.True(Joined.MayKeep(new ChartView(Now, "emergency", Current)));
        // It would stay for ever.
        Assert.False(Joined.MayKeep(ordinary));
    }

    private static ChartView Open(ChartPass pass, ChartView? open, string? reason)
    {
        Assert.Equal(ChartOpening.Opened, pass.Open(open, reason, Now, For, out var view));
        return view!;
    }
}
