namespace Clinic.Publisher;

public sealed class RetryDelayTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly Attempt Again = new(Verdict.Again, "503");

    [Fact]
    public void The_pause_is_anything_from_zero_to_a_bound_that_doubles_up_to_the_longest()
    {
        var bound = RetryDelay.First;
        for (var failures = 0; failures < 2000; failures++)
        {
            Assert.Equal(TimeSpan.Zero, RetryDelay.After(Again, failures, 0, Hour));
            Assert.Equal(bound / 2, RetryDelay.After(Again, failures, 0.5, Hour));
            bound = bound * 2 < RetryDelay.Longest ? bound * 2 : RetryDelay.Longest;
        }
    }

    [Fact]
    public void What_the_other_side_asks_for_is_waited_in_full_with_the_jitter_on_top()
    {
        var asked = Again with { RetryAfter = TimeSpan.FromSeconds(7) };
        Assert.Equal(TimeSpan.FromSeconds(7), RetryDelay.After(asked, 0, 0, Hour));
        Assert.Equal(TimeSpan.FromSeconds(7) + (RetryDelay.First / 2), RetryDelay.After(asked, 0, 0.5, Hour));
        Assert.Equal(TimeSpan.Zero, RetryDelay.After(Again with { RetryAfter = -Hour }, 0, 0, Hour));
        Assert.Equal(Hour, RetryDelay.After(Again with { RetryAfter = TimeSpan.MaxValue }, 0, 0.9, Hour));
    }

    [Fact]
    public void A_refused_key_is_tried_slowly_from_the_first_time_on()
    {
        var refused = new Attempt(Verdict.KeyRefused, "401");
        Assert.Equal(RetryDelay.ForKey / 2, RetryDelay.After(refused, 0, 0, Hour));
        Assert.True(RetryDelay.After(refused, 50, 0.999, Hour) < RetryDelay.ForKey);
    }

    [Fact]
    public void No_pause_goes_beyond_the_events_own_end()
    {
        Assert.Equal(TimeSpan.FromSeconds(1), RetryDelay.After(Again with { RetryAfter = Hour }, 9, 0.9, TimeSpan.FromSeconds(1)));
        Assert.Equal(TimeSpan.Zero, RetryDelay.After(Again, 9, 0.9, -Hour));
    }
}
