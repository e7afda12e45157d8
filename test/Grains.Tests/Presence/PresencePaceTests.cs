namespace Clinic.Presence;

public sealed class PresencePaceTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly PresencePace _pace = new(new PresenceOptions());

    [Theory]
    [InlineData(0, 0)]
    [InlineData(50, 25)]
    [InlineData(1000, 500)]
    [InlineData(100_000, 1000)]
    public void The_period_grows_with_the_receivers_up_to_its_limit(int receivers, int milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), _pace.PeriodFor(receivers));

    [Fact]
    public void After_quiet_it_is_told_at_once() => Assert.True(_pace.DueAt(100_000) <= Now);

    [Fact]
    public void Two_thousand_who_come_within_two_seconds_cost_a_handful_of_diffs_and_not_one_each()
    {
        var diffs = 0;
        for (var i = 0; i < 2000; i++)
        {
            var now = Now.AddMilliseconds(i);
            if (_pace.DueAt(i) <= now)
            {
                _pace.DiffTold(now);
                diffs++;
            }
        }

        Assert.InRange(diffs, 2, 25);
    }
}
