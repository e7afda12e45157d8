using Clinic.Hosts;
using Microsoft.Extensions.Time.Testing;

namespace Clinic.Charts;

public sealed class ClusterClockTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly FakeTimeProvider _time = new(Start);

    [Fact]
    public async Task What_began_before_an_outage_ended_with_the_last_sign_of_life()
    {
        var clock = await ClockAsync(lastAlive: Start.AddMinutes(-10));
        Assert.Equal(Start.AddMinutes(-10), clock.EndOf(Start.AddHours(-1)));
        Assert.Equal(Start.AddMinutes(-9), clock.EndOf(Start.AddMinutes(-9)));
    }

    [Fact]
    public async Task What_began_after_the_outage_may_have_gone_on_until_now()
    {
        var clock = await ClockAsync(lastAlive: Start.AddMinutes(-10));
        _time.Advance(TimeSpan.FromDays(7));
        Assert.Equal(Start.AddDays(7), clock.EndOf(Start.AddDays(6)));
    }

    [Fact]
    public async Task Without_an_outage_everything_may_have_gone_on_until_now()
    {
        var clock = await ClockAsync(lastAlive: Start.AddSeconds(-5));
        Assert.Equal(Start, clock.EndOf(Start.AddHours(-1)));
    }

    private async Task<ClusterClock> ClockAsync(DateTimeOffset lastAlive)
    {
        var clock = new ClusterClock(new ChartAccessTests.IntervalStore { AliveMark = lastAlive }, _time);
        await clock.StartAsync(CancellationToken.None);
        return clock;
    }
}
