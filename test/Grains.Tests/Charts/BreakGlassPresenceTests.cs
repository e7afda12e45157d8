using Clinic.Presence;

namespace Clinic.Charts;

/// <summary>Views of restricted charts in the presence set: how they show, and that they end by themselves.</summary>
public sealed class BreakGlassPresenceTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 8, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan For = TimeSpan.FromMinutes(30);
    private readonly PresenceSet _set = new("epoch", new PresenceOptions());
    private DateTimeOffset _now = Start;

    [Fact]
    public void An_older_ordinary_window_does_not_hide_that_the_glass_was_broken()
    {
        Open("c1", "ann", null);
        _now += TimeSpan.FromMinutes(1);
        Open("c2", "ann", new BrokenGlass(_now, _now + For), "emergency");
        var shown = Assert.Single(_set.CurrentSnapshot(_now).Entries).Viewing!;
        Assert.Equal(("emergency", _now), (shown.Reason, shown.BreakGlass!.At));
    }

    [Fact]
    public void Of_two_reasons_the_newer_one_shows_until_its_window_is_gone()
    {
        var first = new BrokenGlass(_now, _now + For);
        Open("c1", "ann", first, "first");
        _now += TimeSpan.FromMinutes(1);
        Open("c2", "ann", new BrokenGlass(_now, _now + For), "second");
        Assert.Equal("second", _set.ViewOf("ann")!.Reason);
        Go("c2", DepartureKind.Closed);
        Assert.Equal(("first", first), (_set.ViewOf("ann")!.Reason, _set.ViewOf("ann")!.BreakGlass));
    }

    [Fact]
    public void A_restricted_chart_closes_by_itself_when_its_time_is_over()
    {
        Open("c1", "ann", new BrokenGlass(_now, _now + For));
        _set.TakeDiff(_now);
        Assert.Equal(Start + For, _set.NextDue);
        Pass(For - TimeSpan.FromMilliseconds(1));
        Assert.Null(_set.TakeDiff(_now));
        Pass(TimeSpan.FromMilliseconds(1));
        Assert.Equal(["ann"], _set.TakeDiff(_now)!.Leaves);
        Assert.Equal([new RemovedConnection("c1", "ann", RemovalCause.Expired, Start + For)], _set.TakeRemoved());
    }

    [Fact]
    public void Reports_of_the_same_view_do_not_pile_up_what_is_due()
    {
        var glass = new BrokenGlass(_now, _now + For);
        for (var i = 0; i < 10; i++)
        {
            Open("c1", "ann", glass);
        }

        Pass(For);
        Assert.Null(_set.NextDue);
    }

    [Fact]
    public void A_host_that_stood_still_can_not_bring_back_a_view_that_is_over()
    {
        var glass = new BrokenGlass(_now, _now + For);
        Open("c1", "ann", glass);
        Pass(For + TimeSpan.FromMinutes(1));
        _set.TakeRemoved();
        _set.Replace("host", [View("c1", "ann", glass, "r"), View("c2", "ben", null, null)], [], _now);
        Assert.Equal(["ben"], _set.CurrentSnapshot(_now).Entries.Select(e => e.User));
    }

    [Fact]
    public void A_view_that_is_over_when_it_is_reported_ends_one_that_the_set_still_has()
    {
        var glass = new BrokenGlass(_now, _now + For);
        Open("c1", "ann", glass);
        // The sweep is late.
        _now += For + TimeSpan.FromSeconds(5);
        Open("c1", "ann", glass);
        Assert.Equal([new RemovedConnection("c1", "ann", RemovalCause.Expired, Start + For)], _set.TakeRemoved());
        Assert.False(_set.IsViewing("c1"));
    }

    [Fact]
    public void A_new_reason_on_the_same_connection_has_its_own_time()
    {
        Open("c1", "ann", new BrokenGlass(_now, _now + For));
        Pass(TimeSpan.FromMinutes(20));
        Open("c1", "ann", new BrokenGlass(_now, _now + For));
        Pass(TimeSpan.FromMinutes(29));
        Assert.True(_set.IsViewing("c1"));
        Pass(TimeSpan.FromMinutes(1));
        Assert.False(_set.IsViewing("c1"));
    }

    [Theory]
    [InlineData(DepartureKind.Expired, RemovalCause.Expired)]
    [InlineData(DepartureKind.Revoked, RemovalCause.Revoked)]
    internal void What_the_host_takes_away_is_gone_at_once_with_its_cause(DepartureKind kind, RemovalCause cause)
    {
        Open("c1", "ann", null);
        Go("c1", kind);
        Assert.Equal(cause, Assert.Single(_set.TakeRemoved()).Cause);
        Assert.Empty(_set.CurrentSnapshot(_now).Entries);
    }

    [Fact]
    public void Who_broke_off_before_the_end_was_there_until_then()
    {
        Open("c1", "ann", new BrokenGlass(_now, _now + For));
        Pass(For - TimeSpan.FromSeconds(1));
        var broke = _now;
        Go("c1", DepartureKind.Broken);
        Pass(TimeSpan.FromSeconds(1));
        Assert.Equal([new RemovedConnection("c1", "ann", RemovalCause.ConnectionLost, broke)], _set.TakeRemoved());
    }

    [Fact]
    public void An_officer_is_one_by_any_live_window()
    {
        _set.Change("host", new PresenceChanges(0, [View("c1", "ann", null, null), View("c2", "ann", null, null) with { IsPrivacyOfficer = true }], [], 1), _now);
        Assert.True(Assert.Single(_set.CurrentSnapshot(_now).Entries).IsPrivacyOfficer);
        Go("c2", DepartureKind.Broken);
        Assert.False(Assert.Single(_set.CurrentSnapshot(_now).Entries).IsPrivacyOfficer);
    }

    [Fact]
    public void An_officer_who_is_just_reconnecting_is_one()
    {
        _set.Change("host", new PresenceChanges(0, [View("c1", "ann", null, null) with { IsPrivacyOfficer = true }], [], 1), _now);
        Go("c1", DepartureKind.Broken);
        var entry = Assert.Single(_set.CurrentSnapshot(_now).Entries);
        Assert.Equal((PresenceStatus.Reconnecting, true), (entry.Status, entry.IsPrivacyOfficer));
    }

    private void Open(string connection, string user, BrokenGlass? glass, string? reason = "r") =>
        _set.Change("host", new PresenceChanges(1, [View(connection, user, glass, reason)], [], 1), _now);

    private ConnectionPresence View(string connection, string user, BrokenGlass? glass, string? reason) =>
        new(connection, user, user, "nurse", PresenceStatus.Active, _now, new ChartView(_now, reason, glass), 0);

    private void Go(string connection, DepartureKind kind) =>
        _set.Change("host", new PresenceChanges(1, [], [new Departure(connection, kind, TimeSpan.Zero)], 1), _now);

    private void Pass(TimeSpan time)
    {
        _now += time;
        _set.Sweep(_now);
    }
}
