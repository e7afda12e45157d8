using Clinic.Hosting;
using Clinic.Presence;
using Clinic.Streams;
using Clinic.Topics;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace Clinic.Realtime;

public sealed class TopicAudienceTests
{
    private readonly RelayMetrics _metrics = new(new NoMeters());
    private readonly TopicAudience _audience;

    public TopicAudienceTests() => _audience = new TopicAudience("tenant", _metrics);

    [Fact]
    public void What_waits_together_goes_out_in_one_call_that_all_connections_share()
    {
        var (a, b) = (Add("a"), Add("b"));
        AddEvents(1, 3);
        Assert.Empty(a);
        _audience.Flush();
        Assert.Equal([1L, 2, 3], Offsets(Assert.Single(a)));
        Assert.Same(a[0], b[0]);
        _audience.Flush();
        Assert.Single(a);
    }

    [Fact]
    public void A_great_number_of_events_goes_out_in_calls_of_a_bounded_size_and_in_order()
    {
        var a = Add("a");
        AddEvents(1, 1200);
        _audience.Flush();
        Assert.Equal(3, a.Count);
        Assert.All(a, call => Assert.InRange(Offsets(call).Count(), 1, 500));
        Assert.Equal(Enumerable.Range(1, 1200).Select(i => (long)i), a.SelectMany(Offsets));
    }

    [Fact]
    public void Presence_does_not_overtake_the_events_before_it()
    {
        var a = Add("a");
        AddEvents(1, 1);
        _audience.Tell(new PresenceDiff("e", 1, [], [], ["ann"]));
        Assert.Equal([ClientMethods.Events, ClientMethods.Presence], a.Select(call => call.Target));
    }

    [Fact]
    public void A_signal_goes_to_everybody_but_the_connection_it_came_from()
    {
        var (a, b) = (Add("a"), Add("b"));
        _audience.Signal(Signal("one"), "a");
        _audience.Signal(Signal("two"), "b");
        _audience.Signal(Signal("three"), null);
        var c = Add("c");
        _audience.Flush();
        Assert.Equal(["two", "three"], Names(a));
        Assert.Equal(["one", "three"], Names(b));
        Assert.Equal(["one", "two", "three"], Names(c));
    }

    [Fact]
    public void After_a_reset_nobody_gets_anything_until_they_subscribe_again()
    {
        var a = Add("a");
        AddEvents(1, 2);
        _audience.Reset();
        AddEvents(3, 4);
        _audience.Flush();
        Assert.Equal([ClientMethods.Reset], a.Select(call => call.Target));
        Assert.Equal(0, _audience.Count);
    }

    [Fact]
    public void Who_left_gets_nothing_more()
    {
        var a = Add("a");
        var b = Add("b");
        Assert.True(_audience.Remove("a"));
        Assert.False(_audience.Remove("a"));
        AddEvents(1, 1);
        _audience.Flush();
        Assert.Empty(a);
        Assert.Single(b);
    }

    [Fact]
    public void The_grain_is_told_of_the_first_and_the_last_receiver_and_of_a_number_that_changed_a_lot()
    {
        Add("0");
        Assert.True(_audience.TakeCountChanged());
        Assert.False(_audience.TakeCountChanged());
        var told = Enumerable.Range(1, 99).Count(i =>
        {
            Add($"{i}");
            return _audience.TakeCountChanged();
        });
        Assert.InRange(told, 5, 25);
        for (var i = 0; i < 100; i++)
        {
            _audience.Remove($"{i}");
        }

        Assert.True(_audience.TakeCountChanged());
    }

    private List<InvocationMessage> Add(string id)
    {
        var calls = new List<InvocationMessage>();
        var outlet = new ConnectionOutlet(
            m =>
            {
                calls.Add((InvocationMessage)m.Message!);
                return ValueTask.CompletedTask;
            },
            () => { },
            new RelayOptions(),
            _metrics);
        _audience.Add(new LiveConnection(id, outlet));
        return calls;
    }

    private void AddEvents(int from, int to)
    {
        for (var i = from; i <= to; i++)
        {
            _audience.Add(WireEvent.From("tenant", "log", new TopicEvent("t", $"e{i}", i, DateTimeOffset.UnixEpoch, "{}"u8.ToArray(), null)));
        }
    }

    private static SignalItem Signal(string name) => new(TopicId.ForTenant("t"), name, "1"u8.ToArray(), "ann");

    private static IEnumerable<long> Offsets(InvocationMessage call) => ((WireEvent[])call.Arguments[0]!).Select(e => e.Offset);

    private static IEnumerable<string> Names(List<InvocationMessage> calls) => calls.SelectMany(c => ((WireSignal[])c.Arguments[0]!).Select(s => s.Name));
}
