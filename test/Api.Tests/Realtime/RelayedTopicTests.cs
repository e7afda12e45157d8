using Clinic.Presence;
using Clinic.Streams;
using Clinic.Topics;

namespace Clinic.Realtime;

public sealed class RelayedTopicTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private readonly OneTopicHost _host = new();

    public RelayedTopicTests()
    {
        // The runner's own context would put what a grain answers onto another thread.
        SynchronizationContext.SetSynchronizationContext(null);
        _host.Grain.Head = 10;
    }

    [Fact]
    public void Known_events_are_dropped_and_the_others_pass_in_order()
    {
        var (_, seen) = _host.Join("a");
        _host.Take(OneTopicHost.Events(9, 11), OneTopicHost.Events(11, 13), OneTopicHost.Events(12, 12));
        Assert.Equal([11L, 12, 13], seen.Offsets);
    }

    [Fact]
    public void A_topic_with_few_receivers_sends_each_event_at_once()
    {
        var seen = Enumerable.Range(0, 50).Select(i => _host.Join($"c{i}").Seen).ToList();
        _host.Take(OneTopicHost.Events(11, 11));
        _host.Take(OneTopicHost.Events(12, 12));
        Assert.All(seen, one => Assert.Equal([11L, 12], one.Offsets));
        Assert.All(seen, one => Assert.Equal(2, one.Calls));
    }

    [Fact]
    public void A_topic_with_many_receivers_sends_the_first_at_once_and_what_follows_together_when_its_pause_is_over()
    {
        var seen = Enumerable.Range(0, 350).Select(i => _host.Join($"c{i}").Seen).ToList();
        _host.Take(OneTopicHost.Events(11, 11));
        Assert.All(seen, one => Assert.Equal([11L], one.Offsets));
        _host.Take(OneTopicHost.Events(12, 12));
        _host.Time.Advance(TimeSpan.FromMilliseconds(29));
        _host.Take(OneTopicHost.Events(13, 13));
        Assert.All(seen, one => Assert.Equal([11L], one.Offsets));
        _host.Time.Advance(TimeSpan.FromMilliseconds(1));
        _host.Work();
        Assert.All(seen, one => Assert.Equal([11L, 12, 13], one.Offsets));
        Assert.All(seen, one => Assert.Equal(2, one.Calls));
    }

    [Fact]
    public void Nobody_waits_longer_than_the_longest_pause_nor_with_a_subscription_for_it()
    {
        var seen = Enumerable.Range(0, 800).Select(i => _host.Join($"c{i}").Seen).ToList();
        _host.Take(OneTopicHost.Events(11, 11));
        _host.Take(OneTopicHost.Events(12, 12));
        _host.Time.Advance(TimeSpan.FromMilliseconds(50));
        _host.Work();
        Assert.Equal([11L, 12], seen[0].Offsets);

        _host.Grain.Head = 13;
        _host.Take(OneTopicHost.Events(13, 13));
        Assert.Equal([11L, 12], seen[0].Offsets);
        Assert.True(_host.Join("late").Joiner.Answer.IsCompletedSuccessfully);
        Assert.Equal([11L, 12, 13], seen[0].Offsets);
    }

    [Fact]
    public void A_hole_is_closed_from_the_log_and_what_came_early_keeps_its_place()
    {
        var (_, seen) = _host.Join("a");
        var answer = new TaskCompletionSource<LogSlice>();
        _host.Grain.OnRead = _ => answer.Task;
        _host.Take(OneTopicHost.Events(14, 15), OneTopicHost.Events(13, 13), OneTopicHost.Events(16, 16));
        Assert.Empty(seen.Offsets);
        answer.SetResult(new LogSlice(new LogPosition("log", 13), true, OneTopicHost.EventsOf(11, 13)));
        _host.Work();
        Assert.Equal([11L, 12, 13, 14, 15, 16], seen.Offsets);
    }

    [Fact]
    public void A_log_that_does_not_reach_what_came_early_is_asked_again_but_not_without_end()
    {
        var (_, seen) = _host.Join("a");
        _host.Take(OneTopicHost.Events(15, 15));
        Assert.InRange(_host.Grain.Reads, 1, 3);
        _host.Pass(Second);
        Assert.InRange(_host.Grain.Reads, 3, 8);

        _host.Grain.Head = 15;
        _host.Pass(Second);
        Assert.Equal([11L, 12, 13, 14, 15], seen.Offsets);
    }

    [Fact]
    public void A_log_that_can_not_be_read_is_asked_again_but_not_without_end()
    {
        var (_, seen) = _host.Join("a");
        _host.Grain.OnRead = _ => Task.FromException<LogSlice>(new TimeoutException());
        _host.Grain.Head = 15;
        _host.Take(new ReattachItem(OneTopicHost.Topic));
        _host.Pass(Second);
        Assert.InRange(_host.Grain.Reads + _host.Grain.Attaches, 4, 16);

        _host.Grain.OnRead = null;
        _host.Pass(Second);
        Assert.Equal([11L, 12, 13, 14, 15], seen.Offsets);
    }

    [Fact]
    public void A_subscription_whose_log_can_not_be_read_waits_without_hammering_it_and_is_answered_in_the_end()
    {
        _host.Grain.OnRead = _ => Task.FromException<LogSlice>(new TimeoutException());
        var (joiner, _) = _host.Join("a", new LogPosition("log", 7));
        _host.Pass(Second);
        Assert.InRange(_host.Grain.Reads + _host.Grain.Attaches, 4, 16);

        _host.Grain.OnRead = null;
        _host.Pass(Second);
        Assert.Equal([8L, 9, 10], Answer(joiner).Events.Select(e => e.Offset));
    }

    [Fact]
    public void A_subscription_whose_log_says_another_epoch_than_the_attachment_does_not_spin()
    {
        _host.Grain.OnRead = _ => Task.FromResult(new LogSlice(new LogPosition("other", 1), false, []));
        var (joiner, _) = _host.Join("a", new LogPosition("log", 7));
        _host.Pass(Second);
        Assert.InRange(_host.Grain.Reads, 2, 8);

        _host.Grain.Epoch = "other";
        _host.Grain.Head = 1;
        _host.Pass(Second);
        Assert.False(Answer(joiner).Recovered);
    }

    [Fact]
    public void An_answer_that_was_overtaken_by_a_reset_leaves_no_hole_in_a_recovery()
    {
        _host.Join("first");
        var late = new TaskCompletionSource<LogSlice>();
        _host.Grain.OnRead = _ => late.Task;
        var (joiner, _) = _host.Join("second", new LogPosition("log", 8));

        // The topic goes on, and this host can't follow it.
        _host.Grain.OnRead = _ => Task.FromResult(new LogSlice(new LogPosition("log", 30), false, []));
        _host.Take(OneTopicHost.Events(30, 30));
        late.SetResult(new LogSlice(new LogPosition("log", 10), true, OneTopicHost.EventsOf(9, 10)));
        _host.Grain.OnRead = null;
        _host.Grain.Head = 30;
        _host.Pass(Second);
        AssertNoHole(Answer(joiner), 8);
    }

    [Fact]
    public void An_answer_of_an_activation_that_is_behind_leaves_no_hole_in_a_recovery()
    {
        _host.Join("first");
        _host.Take(OneTopicHost.Events(11, 14));
        _host.Grain.OnRead = since => Task.FromResult(new LogSlice(new LogPosition("log", 12), true, OneTopicHost.EventsOf(since!.Value.Offset + 1, 12)));
        var (joiner, _) = _host.Join("second", new LogPosition("log", 11));
        _host.Grain.OnRead = null;
        _host.Grain.Head = 14;
        _host.Pass(Second);
        AssertNoHole(Answer(joiner), 11);
    }

    [Fact]
    public void What_is_committed_while_a_subscription_waits_for_its_answer_is_part_of_it()
    {
        _host.Join("first");
        var answer = new TaskCompletionSource<LogSlice>();
        _host.Grain.OnRead = _ => answer.Task;
        var (joiner, seen) = _host.Join("second", new LogPosition("log", 8));
        _host.Take(OneTopicHost.Events(11, 12));
        Assert.Empty(seen.Offsets);
        answer.SetResult(new LogSlice(new LogPosition("log", 11), true, OneTopicHost.EventsOf(9, 11)));
        _host.Work();
        AssertNoHole(Answer(joiner), 8);
        _host.Take(OneTopicHost.Events(13, 13));
        Assert.Equal([13L], seen.Offsets);
    }

    [Fact]
    public void A_hole_that_the_log_can_not_close_resets_the_clients()
    {
        var (_, seen) = _host.Join("a");
        _host.Grain.OnRead = _ => Task.FromResult(new LogSlice(new LogPosition("log", 5000), false, []));
        _host.Take(OneTopicHost.Events(5000, 5000));
        Assert.Equal((0, 1), (seen.Offsets.Count, seen.Resets));
        _host.Take(OneTopicHost.Events(5001, 5001));
        Assert.Empty(seen.Offsets);
    }

    [Fact]
    public void A_late_answer_that_is_older_than_what_the_stream_brought_since_resets_nobody()
    {
        var (_, seen) = _host.Join("a");
        var late = new TaskCompletionSource<LogSlice>();
        _host.Grain.OnRead = _ => late.Task;
        _host.Take(OneTopicHost.Events(13, 13), OneTopicHost.Events(11, 12), OneTopicHost.Events(13, 20));
        late.SetResult(new LogSlice(new LogPosition("log", 15), false, []));
        _host.Work();
        Assert.Equal(0, seen.Resets);
        Assert.Equal(Enumerable.Range(11, 10).Select(i => (long)i), seen.Offsets);
    }

    [Fact]
    public void A_subscription_that_is_given_up_leaves_the_one_before_as_it_was()
    {
        var (first, seen) = _host.Join("a");
        _host.Grain.OnRead = _ => new TaskCompletionSource<LogSlice>().Task;
        var again = new Joiner(first.Connection, new LogPosition("log", 9));
        _host.Shard.With(OneTopicHost.Topic, t => t.Join(again));
        _host.Work();
        _host.Shard.WithKnown(OneTopicHost.Topic, t => t.Abandon(again));
        _host.Take(OneTopicHost.Events(11, 11));
        Assert.Equal([11L], seen.Offsets);
    }

    [Fact]
    public void One_broken_connection_costs_neither_the_others_nor_the_topics_after_it_anything()
    {
        var broken = new SeenByClient();
        _host.Join("broken", seen: broken);
        var (_, seen) = _host.Join("sound");
        broken.Throws = true;
        _host.Take(OneTopicHost.Events(11, 11), new PresenceItem(OneTopicHost.Topic, Diff(1)), OneTopicHost.Events(12, 12));
        Assert.Equal([11L, 12], seen.Offsets);
    }

    [Fact]
    public void A_tick_that_meets_a_broken_connection_goes_on_with_the_next_topic_and_the_shard_lives()
    {
        _host.Grain.Present = [Entry("leaver") with { Status = PresenceStatus.Reconnecting, LeavesIn = Second }];
        var broken = new SeenByClient();
        _host.Join("broken", seen: broken);
        var (_, seen) = _host.Join("sound");
        broken.Throws = true;
        _host.Pass(4 * Second);
        Assert.Equal(["leaver"], seen.Left);
    }

    [Fact]
    public void A_topic_whose_goodbye_was_not_heard_attaches_again_when_somebody_comes()
    {
        var (first, _) = _host.Join("a");
        _host.Shard.WithKnown(OneTopicHost.Topic, t => t.Unsubscribe(first.Connection.Id));
        var cut = new TaskCompletionSource();
        _host.Grain.OnDetach = () => cut.Task;
        _host.Pass(_host.Options.Linger + Second);
        cut.SetException(new TimeoutException());
        _host.Work();
        var before = _host.Grain.Attaches;
        _host.Join("b");
        _host.Pass(Second);
        Assert.Equal(before + 1, _host.Grain.Attaches);
    }

    [Fact]
    public void A_signal_goes_to_the_silo_of_its_topic_and_to_the_topic_itself_while_this_host_is_not_attached()
    {
        _host.Signal("from outside");
        Assert.Equal(["from outside"], _host.Grain.Signals);
        _host.Join("a");
        _host.Signal("from inside");
        Assert.Equal(["from inside"], _host.Silos["silo"].Calls.Single());
        Assert.Single(_host.Grain.Signals);
    }

    [Fact]
    public void Signals_that_wait_for_the_topic_are_not_overtaken_by_those_to_its_silo()
    {
        var slow = new TaskCompletionSource();
        _host.Grain.OnSignal = () => slow.Task;
        _host.Signal("1");
        _host.Join("a");
        _host.Signal("2");
        Assert.Equal(["1"], _host.Grain.Signals);
        Assert.Empty(_host.Silos["silo"].Calls);
        slow.SetResult();
        _host.Work();
        Assert.Equal(["2"], _host.Silos["silo"].Calls.Single());
    }

    [Fact]
    public void Signals_of_a_topic_that_moves_go_to_the_topic_until_its_new_silo_is_known()
    {
        _host.Join("a");
        var moving = new TaskCompletionSource();
        _host.Grain.OnAttach = () => moving.Task;
        _host.Grain.Silo = "other";
        _host.Take(new ReattachItem(OneTopicHost.Topic));
        _host.Signal("1");
        moving.SetException(new TimeoutException());
        _host.Work();
        _host.Signal("2");
        Assert.Equal(["1", "2"], _host.Grain.Signals);
        _host.Grain.OnAttach = null;
        _host.Pass(Second);
        _host.Signal("3");
        Assert.Empty(_host.Silos["silo"].Calls);
        Assert.Equal(["3"], _host.Silos["other"].Calls.Single());
    }

    private static PresenceDiff Diff(long version) => new("grain", version, [Entry($"u{version}")], [], []);

    private static PresenceEntry Entry(string user) => new(user, user, "nurse", PresenceStatus.Active, 1, DateTimeOffset.UnixEpoch, null, false, []);

    private static WireSubscription Answer(Joiner joiner)
    {
        Assert.True(joiner.Answer.IsCompletedSuccessfully, "the subscription was not answered");
        return joiner.Answer.GetAwaiter().GetResult();
    }

    private static void AssertNoHole(WireSubscription answer, long since)
    {
        if (answer.Recovered)
        {
            Assert.Equal(Enumerable.Range(1, (int)(answer.Offset - since)).Select(i => since + i), answer.Events.Select(e => e.Offset));
        }
    }
}
