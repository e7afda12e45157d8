namespace Clinic.Presence;

public sealed class PresenceSetTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 8, 0, 0, TimeSpan.Zero);
    private readonly PresenceOptions _options = new();
    private readonly PresenceSet _set;
    private DateTimeOffset _now = Start;

    public PresenceSetTests() => _set = new PresenceSet("epoch", _options);

    [Fact]
    public void A_user_with_two_windows_is_one_entry()
    {
        Come("c1", "ann");
        Come("c2", "ann");
        Assert.Equal(2, Assert.Single(_set.TakeDiff(_now)!.Joins).Connections);
    }

    [Fact]
    public void An_entry_shows_the_first_status_in_the_order_of_the_contract()
    {
        Come("c1", "ann", PresenceStatus.Hidden);
        Come("c2", "ann", PresenceStatus.Away);
        Assert.Equal(PresenceStatus.Away, _set.TakeDiff(_now)!.Joins[0].Status);
        Come("c3", "ann", PresenceStatus.Busy);
        Assert.Equal(PresenceStatus.Busy, _set.TakeDiff(_now)!.Updates[0].Status);
    }

    [Fact]
    public void Who_closes_the_last_window_leaves_at_once()
    {
        Come("c1", "ann");
        _set.TakeDiff(_now);
        Go("c1", DepartureKind.Closed);
        Assert.Equal(["ann"], _set.TakeDiff(_now)!.Leaves);
    }

    [Fact]
    public void Who_breaks_off_is_reconnecting_for_the_grace_and_then_gone()
    {
        Come("c1", "ann");
        _set.TakeDiff(_now);
        Go("c1", DepartureKind.Broken);
        var entry = Assert.Single(_set.TakeDiff(_now)!.Updates);
        Assert.Equal((PresenceStatus.Reconnecting, 0, _options.Grace), (entry.Status, entry.Connections, entry.LeavesIn));
        Pass(_options.Grace - TimeSpan.FromMilliseconds(1));
        Assert.Null(_set.TakeDiff(_now));
        Pass(TimeSpan.FromMilliseconds(1));
        Assert.Equal(["ann"], _set.TakeDiff(_now)!.Leaves);
    }

    [Fact]
    public void Who_comes_back_within_the_grace_never_left_and_keeps_since()
    {
        Come("c1", "ann");
        _set.TakeDiff(_now);
        Go("c1", DepartureKind.Broken);
        Pass(TimeSpan.FromSeconds(1));
        Come("c2", "ann");
        Pass(TimeSpan.FromSeconds(10));
        var entry = Assert.Single(_set.TakeDiff(_now)?.Updates ?? [.. _set.CurrentSnapshot(_now).Entries]);
        Assert.Equal((PresenceStatus.Active, Start), (entry.Status, entry.Since));
    }

    [Fact]
    public void A_report_that_was_held_up_does_not_prolong_the_grace()
    {
        Come("c1", "ann");
        _set.TakeDiff(_now);
        _set.Change("host", new PresenceChanges(1, [], [new Departure("c1", DepartureKind.Broken, TimeSpan.FromSeconds(5))], 2), _now);
        Pass(TimeSpan.Zero);
        Assert.Equal(["ann"], _set.TakeDiff(_now)!.Leaves);
    }

    [Fact]
    public void Typing_ends_by_itself_and_a_new_sign_renews_it()
    {
        Come("c1", "ann", stamp: 1);
        Assert.True(_set.TakeDiff(_now)!.Joins[0].Typing);
        Pass(TimeSpan.FromSeconds(4));
        Come("c1", "ann", stamp: 2);
        Pass(TimeSpan.FromSeconds(4));
        Assert.Null(_set.TakeDiff(_now));
        Pass(TimeSpan.FromSeconds(2));
        Assert.False(_set.TakeDiff(_now)!.Updates[0].Typing);
    }

    [Fact]
    public void The_users_of_a_lost_host_leave_and_others_stay()
    {
        Come("c1", "ann");
        Come("c2", "ben", host: "other");
        _set.TakeDiff(_now);
        _set.HostLost("host", _now, _now);
        Pass(_options.Grace);
        Assert.Equal(["ann"], _set.TakeDiff(_now)!.Leaves);
        Assert.Equal("ben", Assert.Single(_set.ToldSnapshot().Entries).User);
    }

    [Fact]
    public void A_replacing_report_breaks_what_it_does_not_name()
    {
        Come("c1", "ann");
        Come("c2", "ben");
        _set.TakeDiff(_now);
        _set.Replace("host", [At("c2", "ben")], [], _now);
        Pass(_options.Grace);
        Assert.Equal(["ann"], _set.TakeDiff(_now)!.Leaves);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Diffs_applied_one_after_another_give_the_snapshot(int seed)
    {
        var random = new Random(seed);
        var shown = new Dictionary<string, PresenceEntry>();
        for (var i = 0; i < 500; i++)
        {
            var user = $"u{random.Next(10)}";
            var connection = $"{user}-{random.Next(3)}";
            if (random.Next(3) > 0)
            {
                Come(connection, user, (PresenceStatus)random.Next(4), random.Next(3));
            }
            else
            {
                Go(connection, (DepartureKind)random.Next(3));
            }

            Pass(TimeSpan.FromMilliseconds(random.Next(1500)));
            if (_set.TakeDiff(_now) is not { } diff)
            {
                continue;
            }

            Assert.Equal(_set.Version, diff.Version);
            Assert.All(diff.Joins, j => Assert.False(shown.ContainsKey(j.User)));
            Assert.All(diff.Updates, u => Assert.True(shown.ContainsKey(u.User)));
            Assert.All(diff.Leaves, l => Assert.True(shown.Remove(l)));
            foreach (var entry in diff.Joins.Concat(diff.Updates))
            {
                shown[entry.User] = entry;
            }

            Assert.Equal(_set.ToldSnapshot().Entries.OrderBy(e => e.User), shown.Values.OrderBy(e => e.User));
        }
    }

    [Fact]
    public void Two_thousand_sign_ins_in_two_seconds_cost_few_diffs()
    {
        var pace = new PresencePace(_options);
        var diffs = 0;
        for (var i = 0; i < 2000; i++)
        {
            Come($"c{i}", $"u{i}");
            _now += TimeSpan.FromMilliseconds(1);
            if (_set.HasChanges && pace.DueAt(i + 1) <= _now && _set.TakeDiff(_now) is not null)
            {
                pace.DiffTold(_now);
                diffs++;
            }
        }

        Assert.InRange(diffs, 2, 40);
    }

    [Fact]
    public void The_gathering_period_is_half_a_millisecond_a_receiver_up_to_a_second()
    {
        var pace = new PresencePace(_options);
        Assert.Equal(TimeSpan.FromMilliseconds(25), pace.PeriodFor(50));
        Assert.Equal(TimeSpan.FromMilliseconds(500), pace.PeriodFor(1000));
        Assert.Equal(TimeSpan.FromSeconds(1), pace.PeriodFor(100_000));
    }

    private ConnectionPresence At(string connection, string user, PresenceStatus status = PresenceStatus.Active, long stamp = 0) =>
        new(connection, user, user, "nurse", status, _now, null, stamp);

    private void Come(string connection, string user, PresenceStatus status = PresenceStatus.Active, long stamp = 0, string host = "host") =>
        _set.Change(host, new PresenceChanges(1, [At(connection, user, status, stamp)], [], 1), _now);

    private void Go(string connection, DepartureKind kind) =>
        _set.Change("host", new PresenceChanges(1, [], [new Departure(connection, kind, TimeSpan.Zero)], 1), _now);

    private void Pass(TimeSpan time)
    {
        _now += time;
        _set.Sweep(_now);
    }
}
