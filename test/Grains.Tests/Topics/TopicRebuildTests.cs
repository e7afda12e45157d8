using Clinic.Presence;

namespace Clinic.Topics;

public sealed class TopicRebuildTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly PresenceOptions _options = new();
    private readonly TopicRebuild _rebuild;

    public TopicRebuildTests() => _rebuild = new TopicRebuild(_options);

    [Fact]
    public void Without_a_loss_nobody_is_waited_for() => Assert.False(Begin(Now.AddMinutes(-2), ["a"]));

    [Fact]
    public void Without_a_host_nobody_is_waited_for() => Assert.False(Begin(Now.AddSeconds(-1), []));

    [Fact]
    public void It_ends_with_the_last_host_that_has_spoken()
    {
        Assert.True(Begin(Now.AddSeconds(-1), ["a", "b"]));
        Assert.Equal(Now + _options.RebuildLimit, _rebuild.EndsAt);
        Assert.False(_rebuild.Answered("a"));
        Assert.False(_rebuild.Answered("a"));
        Assert.False(_rebuild.Answered("another"));
        Assert.True(_rebuild.Answered("b"));
        Assert.True(_rebuild.EndsAt <= Now);
    }

    [Fact]
    public void Hosts_that_could_not_be_heard_of_yet_are_given_the_whole_time()
    {
        Assert.True(_rebuild.Begin(Now, ["a"], mayMissHosts: true, Now));
        Assert.False(_rebuild.Answered("a"));
        Assert.Equal(Now + _options.RebuildLimit, _rebuild.EndsAt);
    }

    [Fact]
    public void A_silo_that_knows_no_host_yet_waits_all_the_same() => Assert.True(_rebuild.Begin(Now, [], mayMissHosts: true, Now));

    [Fact]
    public void After_its_end_nothing_is_waited_for()
    {
        Begin(Now, ["a"]);
        _rebuild.End();
        Assert.Null(_rebuild.EndsAt);
        Assert.False(_rebuild.Answered("a"));
    }

    private bool Begin(DateTimeOffset lastLoss, string[] hosts) => _rebuild.Begin(lastLoss, hosts, mayMissHosts: false, Now);
}
