using Clinic.Presence;

namespace Clinic.Realtime;

public sealed class LocalPresenceTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly LocalPresence _local = new();

    [Fact]
    public void A_report_names_what_changed_and_an_attachment_everything()
    {
        _local.Set(Present("c1"), null);
        _local.TakeReport(Now);
        _local.Set(Present("c2"), null);
        Assert.Equal(["c2"], _local.TakeReport(Now).Upserts.Select(u => u.Connection));
        Assert.False(_local.IsDirty);
        Assert.Equal(["c1", "c2"], _local.TakeWhole(Now).Upserts.Select(u => u.Connection).Order());
    }

    [Fact]
    public void A_connection_that_left_is_reported_with_the_time_that_has_passed()
    {
        _local.Set(Present("c1"), null);
        _local.TakeReport(Now);
        _local.Remove("c1", DepartureKind.Broken, Now, null);
        var report = _local.TakeReport(Now.AddSeconds(2));
        Assert.Equal([new Departure("c1", DepartureKind.Broken, TimeSpan.FromSeconds(2))], report.Departures);
        Assert.Empty(report.Upserts);
        Assert.Equal(0, _local.Count);
    }

    [Fact]
    public void A_departure_whose_report_was_lost_is_said_again_with_its_own_time()
    {
        _local.Set(Present("c1"), null);
        _local.Remove("c1", DepartureKind.Closed, Now, null);
        _local.Return(_local.TakeReport(Now.AddSeconds(1)));
        Assert.Equal([new Departure("c1", DepartureKind.Closed, TimeSpan.FromSeconds(5))], _local.TakeWhole(Now.AddSeconds(5)).Departures);
    }

    [Fact]
    public void A_departure_whose_report_was_lost_does_not_count_for_who_came_back()
    {
        _local.Set(Present("c1"), null);
        _local.Remove("c1", DepartureKind.Broken, Now, null);
        var lost = _local.TakeReport(Now);
        _local.Set(Present("c1"), null);
        _local.Return(lost);
        var whole = _local.TakeWhole(Now);
        Assert.Empty(whole.Departures);
        Assert.Single(whole.Upserts);
    }

    [Fact]
    public void Who_waits_is_told_when_a_report_arrived_and_not_when_it_was_lost()
    {
        var told = new TaskCompletionSource();
        _local.Set(Present("c1"), told);
        _local.Return(_local.TakeReport(Now));
        Assert.True(_local.IsDirty);
        Assert.False(told.Task.IsCompleted);
        _local.TakeWhole(Now).Told();
        Assert.True(told.Task.IsCompletedSuccessfully);
    }

    [Fact]
    public void Who_is_not_here_can_leave_without_a_word()
    {
        _local.Remove("c1", DepartureKind.Closed, Now, null);
        Assert.False(_local.IsDirty);
        Assert.Null(_local.EntryOf("c1"));
    }

    private static ConnectionPresence Present(string connection) => new(connection, "ann", "Ann", "nurse", PresenceStatus.Active, Now, null, 0);
}
