using Microsoft.Extensions.Time.Testing;

namespace Clinic.Errors;

public sealed class LogThrottleTests
{
    [Fact]
    public void One_a_second_passes_and_tells_of_the_others()
    {
        var time = new FakeTimeProvider();
        var throttle = new LogThrottle(time);
        Assert.True(throttle.TryPass(out var held));
        Assert.Equal(0, held);
        Assert.False(throttle.TryPass(out _));
        time.Advance(TimeSpan.FromSeconds(0.999));
        Assert.False(throttle.TryPass(out _));
        time.Advance(TimeSpan.FromSeconds(0.001));
        Assert.True(throttle.TryPass(out held));
        Assert.Equal(2, held);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(throttle.TryPass(out held));
        Assert.Equal(0, held);
    }
}
