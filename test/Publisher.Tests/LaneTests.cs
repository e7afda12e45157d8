namespace Clinic.Publisher;

/// <summary>Order, retries and ends, over a transport and a clock that the test drives: no real time passes.</summary>
public sealed class LaneTests
{
    private readonly WaitingClock _clock = new();
    private readonly FakeTransport _transport = new();

    [Fact]
    public async Task A_topics_events_wait_for_the_one_that_is_tried_again_and_another_topics_do_not()
    {
        await using var publisher = await TestPublisher.OverAsync(_transport, _clock);
        Assert.True(publisher.Clinic.ToPatientViewers("t", "a", "x", 1, "a1"));
        Assert.True(publisher.Clinic.ToPatientViewers("t", "a", "x", 1, "a2"));
        (await _transport.NextAsync("a1")).Answer(Verdict.Again, "503");
        var pause = await _clock.NextWaitAsync("the pause before a1's second try");
        Assert.InRange(pause, TimeSpan.Zero, RetryDelay.First);

        Assert.True(publisher.Clinic.ToPatientViewers("t", "b", "x", 1, "b1"));
        (await _transport.NextAsync("b1")).Answer(Verdict.Delivered);

        _clock.Advance(pause);
        (await _transport.NextAsync("a1")).Answer(Verdict.Delivered);
        (await _transport.NextAsync("a2")).Answer(Verdict.Delivered);
        await publisher.StopAsync();
        Assert.Equal((3, 3, 1, 0), (publisher.Counted["queued"], publisher.Counted["delivered"], publisher.Counted["retries 503"], publisher.Counted["queue.length"]));
    }

    [Fact]
    public async Task An_event_is_dropped_when_it_is_as_old_as_it_may_get_and_so_is_what_waited_behind_it_as_long()
    {
        await using var publisher = await TestPublisher.OverAsync(_transport, _clock, o => o.GiveUpAfter = TimeSpan.FromMinutes(1));
        publisher.Clinic.ToTenant("t", "x", 1, "old");
        publisher.Clinic.ToTenant("t", "x", 1, "behind");
        (await _transport.NextAsync("old")).Answer(Verdict.Again, "503", TimeSpan.FromHours(1));
        Assert.Equal(TimeSpan.FromMinutes(1), await _clock.NextWaitAsync("the rest of the old event's life"));
        _clock.Advance(TimeSpan.FromSeconds(59));
        publisher.Clinic.ToTenant("t", "x", 1, "young");
        _clock.Advance(TimeSpan.FromSeconds(1));
        (await _transport.NextAsync("young")).Answer(Verdict.Delivered);
        await publisher.StopAsync();
        Assert.Equal((2, 1), (publisher.Counted["dropped expired"], publisher.Counted["delivered"]));
    }

    [Fact]
    public async Task A_refused_key_is_tried_slowly_and_what_waits_is_delivered_once_the_key_is_right()
    {
        await using var publisher = await TestPublisher.OverAsync(_transport, _clock);
        publisher.Clinic.ToTenant("t", "x", 1, "e1");
        (await _transport.NextAsync("e1")).Answer(Verdict.KeyRefused, "401");
        var pause = await _clock.NextWaitAsync("the pause for the key");
        Assert.InRange(pause, RetryDelay.ForKey / 2, RetryDelay.ForKey);
        _clock.Advance(pause);
        (await _transport.NextAsync("e1")).Answer(Verdict.Delivered);
        await publisher.StopAsync();
        Assert.Equal(1, publisher.Counted["delivered"]);
        Assert.Contains(publisher.Log, line => line.StartsWith("Error: The Clinic refuses the service key (401)", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_refused_or_meets_a_bug_is_dropped_and_the_topic_goes_on()
    {
        await using var publisher = await TestPublisher.OverAsync(_transport, _clock);
        foreach (var id in new[] { "m1", "m2", "m3" })
        {
            publisher.Clinic.MessageSent("t", "th", 1, id);
        }

        (await _transport.NextAsync("m1")).Answer(Verdict.Refused, "404");
        (await _transport.NextAsync("m2")).Throw(new InvalidOperationException("a bug"));
        (await _transport.NextAsync("m3")).Answer(Verdict.Delivered);
        await publisher.StopAsync();
        Assert.Equal((1, 1, 1), (publisher.Counted["dropped refused"], publisher.Counted["dropped failed"], publisher.Counted["delivered"]));
        Assert.Contains(publisher.Log, line => line.StartsWith("Warning: Event m1 for topic thread:th was dropped: Refused (404)", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Above_the_capacity_events_are_dropped_and_counted_and_said_once_a_second()
    {
        await using var publisher = await TestPublisher.OverAsync(_transport, _clock, o => o.Capacity = 2);
        Assert.Equal([true, true, false, false, false], Enumerable.Range(0, 5).Select(n => publisher.Clinic.ToTenant("t", "x", n)));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.False(publisher.Clinic.ToTenant("t", "x", 5));
        Assert.Equal((4, 2), (publisher.Counted["dropped full"], publisher.Counted["queue.length"]));
        var said = publisher.Log.Where(line => line.Contains("dropped: Full", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, said.Count);
        Assert.Contains("So were 2 for that reason before", said[1], StringComparison.Ordinal);

        (await _transport.NextAsync()).Answer(Verdict.Delivered);
        var second = await _transport.NextAsync();
        Assert.True(publisher.Clinic.ToTenant("t", "x", 6));
        second.Answer(Verdict.Delivered);
        (await _transport.NextAsync()).Answer(Verdict.Delivered);
    }

    [Fact]
    public async Task No_more_calls_are_under_way_than_allowed_and_a_topic_has_one()
    {
        await using var publisher = await TestPublisher.OverAsync(_transport, _clock, o => o.Concurrency = 3);
        for (var n = 0; n < 60; n++)
        {
            publisher.Clinic.ToPatientViewers("t", $"{n % 6}", "x", n, $"{n}");
        }

        var seen = Enumerable.Range(0, 6).ToDictionary(lane => lane, _ => new List<int>());
        for (var n = 0; n < 60; n++)
        {
            var call = await _transport.NextAsync();
            var id = int.Parse(call.Event.Id, System.Globalization.CultureInfo.InvariantCulture);
            seen[id % 6].Add(id);
            call.Answer(Verdict.Delivered);
        }

        Assert.InRange(_transport.MostUnderWay, 1, 3);
        Assert.All(seen, lane => Assert.Equal(lane.Value.Order(), lane.Value));
    }

    [Fact]
    public async Task An_event_that_gets_no_slot_in_its_life_is_dropped_although_the_calls_before_it_hang()
    {
        await using var publisher = await TestPublisher.OverAsync(_transport, _clock, o => (o.Concurrency, o.GiveUpAfter) = (1, TimeSpan.FromMilliseconds(5)));
        publisher.Clinic.ToPatientViewers("t", "a", "x", 1, "a1");
        var hanging = await _transport.NextAsync("a1");
        publisher.Clinic.ToPatientViewers("t", "b", "x", 1, "b1");
        await publisher.Counted.ReachesAsync("dropped expired", 1);
        hanging.Answer(Verdict.Delivered);
        await publisher.StopAsync();
        Assert.Equal(1, publisher.Counted["delivered"]);
    }

    [Fact]
    public async Task A_stopping_process_waits_for_the_queue_and_says_what_was_left()
    {
        await using var publisher = await TestPublisher.OverAsync(_transport, _clock, o => o.DrainTimeout = TimeSpan.FromSeconds(3));
        publisher.Clinic.ToTenant("t", "x", 1, "e1");
        publisher.Clinic.ToTenant("t", "x", 1, "e2");
        publisher.Clinic.ToTenant("t", "x", 1, "e3");
        (await _transport.NextAsync("e1")).Answer(Verdict.Delivered);
        await _transport.NextAsync("e2");
        var stopped = publisher.StopAsync();
        Assert.Equal(TimeSpan.FromSeconds(3), await _clock.NextWaitAsync("the drain"));
        Assert.False(publisher.Clinic.ToTenant("t", "x", 1, "e4"));
        Assert.False(stopped.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(3));
        await stopped.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal((1, 3), (publisher.Counted["delivered"], publisher.Counted["dropped stopped"]));
        Assert.Contains(publisher.Log, line => line.StartsWith("Warning: The process stops with 2 events", StringComparison.Ordinal));
    }
}
