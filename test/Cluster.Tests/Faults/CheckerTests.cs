using Clinic.Faults.Check;

namespace Clinic.Faults;

/// <summary>The checker finds what is planted, and nothing in a history in which all is well.</summary>
public sealed class CheckerTests
{
    private const string Epoch = "e1";
    private static readonly TopicName Chart = new("north", "patient:p1");
    private static readonly UserName Ann = new("north", "ann");
    private static readonly UserName Ben = new("north", "ben");

    [Fact]
    public void A_history_in_which_all_is_well_passes()
    {
        var findings = Checker.Check(Clean());
        Assert.Empty(findings.Violations);
        Assert.Equal(6, findings.Deliveries);
        Assert.Equal(2, findings.Recovered);
        Assert.Equal([3.5], findings.Gone);
        Assert.Equal(2, findings.Holds);
    }

    [Fact]
    public void An_acknowledged_event_that_the_log_does_not_have_is_lost()
    {
        var history = Clean();
        history.Publishes.Add(new Publish(Chart, 7, 7));
        Found(history, Breach.Lost, "7 was acknowledged with 7");
    }

    [Fact]
    public void An_acknowledged_event_whose_offset_another_one_has_is_lost()
    {
        var history = Clean();
        history.Publishes.Add(new Publish(Chart, 7, 6));
        Found(history, Breach.Lost, "7 was acknowledged with 6");
    }

    [Fact]
    public void A_hole_in_the_log_is_found()
    {
        var history = Clean();
        history.Publishes.Add(new Publish(Chart, 8, null));
        history.Rows.Add(new LogRow(Chart, Epoch, 8, 8));
        history.Readings[0].ReadsAtEnd = false;
        Found(history, Breach.Lost, "from 6 to 8");
    }

    [Fact]
    public void An_event_that_a_reader_never_got_is_lost()
    {
        var history = Clean();
        Steps(history).RemoveAll(step => step is Got { Event.Offset: 5 });
        Found(history, Breach.Lost, "never got 5");
    }

    [Fact]
    public void The_last_event_counts_as_lost_too_but_only_for_those_who_read_at_the_end()
    {
        var history = Clean();
        Steps(history).RemoveAll(step => step is Got { Event.Offset: 6 });
        Found(history, Breach.Lost, "never got 6, the last was 5");
        history.Readings[0].ReadsAtEnd = false;
        Assert.Empty(Checker.Check(history).Violations);
    }

    [Fact]
    public void What_was_missed_before_a_reload_is_not_lost_silently()
    {
        var history = Clean();
        var steps = Steps(history);
        steps.RemoveAll(step => step is Got { Event.Offset: 5 or 6 });
        steps.AddRange([new ToldToReload(), new Asked(), new Answered(null, null, Epoch, 6, false, [])]);
        var findings = Checker.Check(history);
        Assert.Empty(findings.Violations);
        Assert.Equal(1, findings.Reloads);
    }

    [Fact]
    public void What_came_before_an_answer_is_kept_and_dropped_when_the_answer_covers_it()
    {
        var history = Clean();
        var steps = Steps(history);
        var again = steps.FindIndex(step => step is Answered { Since: 2 });
        steps.Insert(again, new Got(Event(4)));
        Assert.Empty(Checker.Check(history).Violations);
    }

    [Fact]
    public void What_was_kept_is_no_excuse_once_the_connection_broke()
    {
        var history = Clean();
        Steps(history).RemoveAll(step => step is Got { Event.Offset: 6 });
        Steps(history).AddRange([new Asked(), new Got(Event(6)), new Broken(), new Asked(), new Answered(5, Epoch, Epoch, 5, true, [])]);
        Found(history, Breach.Lost, "never got 6");
    }

    [Fact]
    public void An_event_that_came_twice_on_one_connection_is_repeated()
    {
        var history = Clean();
        Steps(history).Add(new Got(Event(6)));
        Found(history, Breach.Repeated, "6 came again");
    }

    [Fact]
    public void An_event_that_comes_live_after_the_reconnect_that_recovered_it_is_repeated()
    {
        var history = Clean();
        var steps = Steps(history);
        steps.Insert(steps.FindIndex(step => step is Answered { Since: 2 }) + 1, new Got(Event(4)));
        Found(history, Breach.Repeated, "4 came again");
    }

    [Fact]
    public void An_event_under_a_second_offset_is_repeated_across_a_reconnect_with_since()
    {
        var history = Clean();
        var steps = Steps(history);
        var at = steps.FindIndex(step => step is Answered { Since: 2 });
        steps[at] = new Answered(2, Epoch, Epoch, 4, true, [Event(3, id: 2), Event(4)]);
        Found(history, Breach.Repeated, "2 came again as 3");
    }

    [Fact]
    public void An_event_that_is_stored_twice_is_repeated()
    {
        var history = Clean();
        history.Rows.Add(new LogRow(Chart, Epoch, 7, 6));
        history.Readings[0].ReadsAtEnd = false;
        Found(history, Breach.Repeated, "6 is in the log again at 7");
    }

    [Fact]
    public void Two_events_in_the_wrong_order_are_swapped()
    {
        var history = Clean();
        var steps = Steps(history);
        var (fifth, sixth) = (steps.FindIndex(step => step is Got { Event.Offset: 5 }), steps.FindIndex(step => step is Got { Event.Offset: 6 }));
        (steps[fifth], steps[sixth]) = (steps[sixth], steps[fifth]);
        Found(history, Breach.Swapped, "5 came after 6");
    }

    [Fact]
    public void Events_of_an_answer_in_the_wrong_order_are_swapped()
    {
        var history = Clean();
        var steps = Steps(history);
        steps[steps.FindIndex(step => step is Answered { Since: 2 })] = new Answered(2, Epoch, Epoch, 4, true, [Event(4), Event(3)]);
        Found(history, Breach.Swapped, "has 4 where 3 belongs");
    }

    [Fact]
    public void One_offset_with_two_events_is_found()
    {
        var history = Clean();
        var steps = Steps(history);
        history.Publishes.Add(new Publish(Chart, 50, null));
        steps[steps.FindIndex(step => step is Got { Event.Offset: 5 })] = new Got(Event(5, id: 50));
        Found(history, Breach.Swapped, "5 came as 50, the log has 5 there");
    }

    [Fact]
    public void An_event_that_nobody_published_is_a_phantom_at_the_reader_and_in_the_log()
    {
        var history = Clean();
        history.Rows.Add(new LogRow(Chart, Epoch, 7, 99));
        Steps(history).Add(new Got(Event(7, id: 99)));
        Found(history, Breach.Phantom, "nobody published what the log has at 7");
        Found(history, Breach.Phantom, "nobody published what came as 7");
    }

    [Fact]
    public void An_event_that_was_told_but_is_not_stored_is_a_phantom()
    {
        var history = Clean();
        history.Publishes.Add(new Publish(Chart, 7, null));
        Steps(history).Add(new Got(Event(7)));
        Found(history, Breach.Phantom, "7 is not in the log");
    }

    [Fact]
    public void An_event_whose_publisher_gave_up_may_be_there_or_not()
    {
        var history = Clean();
        history.Publishes.Add(new Publish(Chart, 7, null));
        Assert.Empty(Checker.Check(history).Violations);
        history.Rows.Add(new LogRow(Chart, Epoch, 7, 7));
        Steps(history).Add(new Got(Event(7)));
        Assert.Empty(Checker.Check(history).Violations);
    }

    [Fact]
    public void An_answer_without_the_events_that_it_claims_contradicts_itself()
    {
        var history = Clean();
        var steps = Steps(history);
        steps[steps.FindIndex(step => step is Answered { Since: 2 })] = new Answered(2, Epoch, Epoch, 4, true, [Event(3)]);
        Found(history, Breach.Contradiction, "asked since 2");
    }

    [Fact]
    public void Another_epoch_without_a_word_contradicts_the_contract()
    {
        var history = Clean();
        var steps = Steps(history);
        steps[steps.FindIndex(step => step is Got { Event.Offset: 6 })] = new Got(Event(6) with { Epoch = "e2" });
        Found(history, Breach.Contradiction, "epoch e2");
    }

    [Theory]
    [InlineData(9.9, false)]
    [InlineData(10.1, true)]
    public void Who_is_shown_longer_than_ten_seconds_after_the_death_is_found(double after, bool isFound)
    {
        var history = Clean();
        history.Sightings.RemoveAll(sighting => sighting.User == Ben && sighting.Shown == Shown.Absent);
        history.Sightings.Add(new Sighting(Ann, Ben, 20 + after, Shown.Absent));
        Assert.Equal(isFound, Checker.Check(history).Violations.Any(violation => violation.Breach == Breach.ShownTooLong));
        Assert.Equal(after, Assert.Single(Checker.Check(history).Gone), 3);
    }

    [Fact]
    public void Who_is_still_shown_at_the_end_is_found()
    {
        var history = Clean();
        history.Sightings.RemoveAll(sighting => sighting.User == Ben && sighting.Shown == Shown.Absent);
        Found(history, Breach.ShownTooLong, "died at 20.0 s");
    }

    [Fact]
    public void Who_is_in_the_picture_of_a_watcher_who_came_after_the_death_is_found_too()
    {
        var history = Clean();
        var cid = new UserName("north", "cid");
        history.Connections.Add(new Connection(cid, "host1", 31, 31.5, null));
        history.Sightings.Add(new Sighting(cid, Ben, 31.4, Shown.Reconnecting));
        Found(history, Breach.ShownTooLong, "north/cid was shown north/ben");
    }

    [Fact]
    public void A_dead_socket_counts_from_its_death_and_not_from_when_the_client_noticed_it()
    {
        var history = Clean();
        history.Connections.RemoveAll(connection => connection.User == Ben);
        history.Connections.Add(new Connection(Ben, "host2", 0, 0.5, 38));
        history.PathFaults.Add(new PathFault("host2", 10, 30, Kills: true));
        Found(history, Breach.ShownTooLong, "died at 10.0 s");
    }

    [Fact]
    public void Who_is_shown_offline_while_connected_is_found()
    {
        var history = Clean();
        history.Sightings.Add(new Sighting(Ann, Ben, 12, Shown.Absent));
        history.Sightings.Add(new Sighting(Ann, Ben, 12.2, Shown.Live));
        Found(history, Breach.ShownOffline, "left at 12.0 s");
    }

    [Fact]
    public void Who_came_back_in_time_and_is_shown_offline_afterwards_is_found()
    {
        var history = Clean();
        history.Connections.Add(new Connection(Ben, "host1", 21, 21.3, null));
        Found(history, Breach.ShownOffline, "left at 23.5 s");
    }

    [Fact]
    public void Who_is_connected_and_never_shown_again_is_found()
    {
        var history = Clean();
        history.Connections.Add(new Connection(Ben, "host1", 35, 35.5, null));
        history.End = 60;
        Found(history, Breach.ShownOffline, "was not shown north/ben from 35.5");
    }

    [Fact]
    public void While_a_host_stands_still_nothing_is_held_against_what_its_users_see_or_how_they_are_seen()
    {
        var history = Clean();
        history.Sightings.Add(new Sighting(Ann, Ben, 12, Shown.Absent));
        history.Sightings.Add(new Sighting(Ann, Ben, 15, Shown.Live));
        history.PathFaults.Add(new PathFault("host2", 8, 16, Kills: false));
        Assert.Empty(Checker.Check(history).Violations);
    }

    [Fact]
    public void Two_who_hold_one_section_at_the_same_time_are_found()
    {
        var history = Clean();
        history.Holds.Add(new EditHold("p1 vitals", Ben, "l9", 5.2, 5.4, 5.4));
        Found(history, Breach.TwoHolders, "north/ben was granted l9");
    }

    [Fact]
    public void A_lease_that_is_confirmed_after_it_was_taken_over_is_found()
    {
        var history = Clean();
        history.Holds.Clear();
        history.Holds.Add(new EditHold("p1 vitals", Ann, "l1", 1, 1.1, 9));
        history.Holds.Add(new EditHold("p1 vitals", Ben, "l2", 4, 4.2, 5));
        Found(history, Breach.TwoHolders, "while north/ann held l1");
    }

    [Fact]
    public void A_grant_that_may_have_come_after_the_other_had_lost_it_is_not_held_against_anybody()
    {
        var history = Clean();
        history.Holds.Add(new EditHold("p1 vitals", Ben, "l9", 7.9, 8.1, 8.1));
        Assert.Empty(Checker.Check(history).Violations);
    }

    [Fact]
    public void One_lease_for_two_is_found()
    {
        var history = Clean();
        history.Holds.Add(new EditHold("p1 vitals", Ben, "l1", 50, 50.1, 50.1));
        Found(history, Breach.TwoHolders, "lease l1 was given to");
    }

    [Fact]
    public void A_write_with_a_lease_that_another_one_had_followed_is_found()
    {
        var history = Clean();
        history.Writes.Add(new GuardedWrite("p1 vitals", "l1", 4));
        Found(history, Breach.TwoHolders, "version 4, after one with l2");
    }

    [Fact]
    public void A_mark_of_another_clinic_in_what_somebody_was_sent_is_found()
    {
        var history = Clean();
        history.Marks.Add(new MarkSighting(Ann, "south", 3));
        Found(history, Breach.ForeignBytes, "mark of south");
    }

    [Fact]
    public void An_event_and_a_colleague_of_another_clinic_are_found_also_where_the_names_are_the_same()
    {
        var history = Clean();
        var steps = Steps(history);
        steps[steps.FindIndex(step => step is Got { Event.Offset: 5 })] = new Got(Event(5) with { Clinic = "south" });
        history.Sightings.Add(new Sighting(Ann, new UserName("south", "ben"), 3, Shown.Live));
        Found(history, Breach.ForeignBytes, "5 is an event of south");
        Found(history, Breach.ForeignBytes, "was shown south/ben");
    }

    private static void Found(History history, Breach breach, string what)
    {
        var violations = Checker.Check(history).Violations;
        Assert.True(
            violations.Any(violation => violation.Breach == breach && violation.What.Contains(what, StringComparison.Ordinal)),
            $"no {breach} with '{what}' among: {string.Join("; ", violations)}");
    }

    private static List<ReadStep> Steps(History history) => history.Readings[0].Steps;

    private static ReadEvent Event(long offset, long? id = null) => new(Epoch, offset, id ?? offset, "north");

    /// <summary>
    /// Six events, one with a retry; a reader who lost the connection after the second and recovered two; a colleague whose connection
    /// died at 20 s and who was gone 3.5 s later; two who edited one after the other.
    /// </summary>
    private static History Clean()
    {
        var history = new History { End = 40 };
        for (var offset = 1; offset <= 6; offset++)
        {
            history.Publishes.Add(new Publish(Chart, offset, offset));
            history.Rows.Add(new LogRow(Chart, Epoch, offset, offset));
        }

        var reading = new Reading("ann", Chart) { ReadsAtEnd = true };
        reading.Steps.AddRange(
        [
            new Asked(), new Got(Event(1)), new Answered(null, null, Epoch, 0, false, []), new Got(Event(2)), new Broken(),
            new Asked(), new Answered(2, Epoch, Epoch, 4, true, [Event(3), Event(4)]), new Got(Event(5)), new Got(Event(6)),
        ]);
        history.Readings.Add(reading);

        history.Connections.Add(new Connection(Ann, "host1", 0, 0.4, null));
        history.Connections.Add(new Connection(Ben, "host2", 0, 0.5, 20));
        history.Sightings.Add(new Sighting(Ann, Ben, 0.6, Shown.Live));
        history.Sightings.Add(new Sighting(Ann, Ben, 20.1, Shown.Reconnecting));
        history.Sightings.Add(new Sighting(Ann, Ben, 23.5, Shown.Absent));

        history.Holds.Add(new EditHold("p1 vitals", Ann, "l1", 5, 5.1, 8));
        history.Holds.Add(new EditHold("p1 vitals", Ben, "l2", 8.2, 8.3, 9));
        history.Writes.Add(new GuardedWrite("p1 vitals", "l1", 1));
        history.Writes.Add(new GuardedWrite("p1 vitals", "l1", 2));
        history.Writes.Add(new GuardedWrite("p1 vitals", "l2", 3));
        history.Marks.Add(new MarkSighting(Ann, "north", 1));
        return history;
    }
}
