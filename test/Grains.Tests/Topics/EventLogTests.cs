namespace Clinic.Topics;

public sealed class EventLogTests
{
    private readonly EventLog _log = new(new EventLogOptions { TailEvents = 10 });

    public EventLogTests() => _log.Restart(new LogPosition("e", 0));

    [Fact]
    public void What_came_after_a_position_is_given_whole()
    {
        _log.Append(Events(1, 5));
        Assert.Equal([4L, 5L], _log.TryRecover(new LogPosition("e", 3))!.Events.Select(e => e.Offset));
    }

    [Fact]
    public void What_memory_no_longer_holds_is_asked_of_the_database()
    {
        _log.Append(Events(1, 20));
        Assert.Null(_log.TryRecover(new LogPosition("e", 9)));
        Assert.NotNull(_log.TryRecover(new LogPosition("e", 10)));
        Assert.True(_log.Recover(new LogPosition("e", 5), Events(6, 20)).Recovered);
        Assert.False(_log.Recover(new LogPosition("e", 5), Events(7, 20)).Recovered);
    }

    [Theory]
    [InlineData("other", 1)]
    [InlineData("e", 6)]
    public void A_position_that_is_not_of_this_log_is_not_recovered(string epoch, long offset)
    {
        _log.Append(Events(1, 5));
        var slice = _log.TryRecover(new LogPosition(epoch, offset))!;
        Assert.Equal((false, 0, 5L), (slice.Recovered, slice.Events.Length, slice.Head.Offset));
    }

    [Fact]
    public void A_hole_is_never_taken() => Assert.Throws<InvalidOperationException>(() => _log.Append(Events(2, 3)));

    private static TopicEvent[] Events(int from, int to) =>
        [.. Enumerable.Range(from, to - from + 1).Select(i => new TopicEvent("t", $"e{i}", i, DateTimeOffset.UnixEpoch, "{}"u8.ToArray(), null))];
}
