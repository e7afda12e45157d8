using Clinic.Presence;
using Clinic.Topics;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Clinic.Charts;

/// <summary>What of restricted charts goes on record, and who is notified of it.</summary>
public sealed class BreakGlassAccessTests
{
    private static readonly TopicId Patient = TopicId.ForPatient("north", "p");
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly ChartAccessTests.IntervalStore _store = new();
    private PresenceSet _presence = new("e", new PresenceOptions());
    private ChartAccess _access;

    public BreakGlassAccessTests() => _access = NewAccess();

    [Fact]
    public async Task An_opening_with_a_reason_is_on_record_as_such_and_the_officers_are_notified_once()
    {
        var glass = NewGlass();
        await OpenAsync("c1", glass, "emergency");
        await OpenAsync("c2", glass, "emergency");
        Assert.Equal(("ann", "emergency", true, glass.At), Short(Assert.Single(_store.Intervals.Values).Open));
        Assert.Equal(["olga"], _store.Notified);
    }

    [Fact]
    public async Task An_opening_whose_answer_was_lost_notifies_once()
    {
        _store.FailsAfterwards = true;
        await OpenAsync("c1", NewGlass(), "emergency");
        Assert.False(_access.IsRecorded("ann", _presence));
        _store.FailsAfterwards = false;
        await FollowAsync();
        Assert.True(_access.IsRecorded("ann", _presence));
        Assert.Equal(["olga"], _store.Notified);
    }

    [Fact]
    public async Task An_ordinary_interval_of_the_user_is_no_record_of_the_broken_glass()
    {
        await OpenAsync("c1", null, null);
        Report("c2", NewGlass(), "emergency");
        Assert.False(_access.IsRecorded("ann", _presence));
        await FollowAsync();
        Assert.True(_access.IsRecorded("ann", _presence));
        Assert.Equal([false, true], _store.Intervals.Values.Select(i => i.Open.BreakGlass));
        Assert.NotNull(_store.Intervals.Values.First().End);
    }

    [Fact]
    public async Task Every_reason_is_an_interval_of_its_own()
    {
        await OpenAsync("c1", NewGlass(), "first");
        _time.Advance(TimeSpan.FromMinutes(5));
        await OpenAsync("c1", NewGlass(), "second");
        Assert.Equal(["first", "second"], _store.Intervals.Values.Select(i => i.Open.Reason));
        Assert.Equal(["olga", "olga"], _store.Notified);
        Assert.Equal(_time.GetUtcNow(), _store.Intervals.Values.First().End!.ClosedAt);
    }

    [Fact]
    public async Task It_is_closed_as_expired_when_its_time_was_over()
    {
        var glass = NewGlass();
        await OpenAsync("c1", glass, "emergency");
        _time.Advance(TestGlass.For + TimeSpan.FromSeconds(3));
        _presence.Sweep(_time.GetUtcNow());
        await FollowAsync();
        Assert.Equal(new AccessEnd(_store.Intervals.Keys.Single(), glass.Until, "expired"), _store.Intervals.Values.Single().End);
    }

    [Theory]
    [InlineData(DepartureKind.Closed)]
    [InlineData(DepartureKind.Revoked)]
    [InlineData(DepartureKind.Expired)]
    public async Task However_late_its_end_is_noticed_it_was_not_open_beyond_its_time(DepartureKind kind)
    {
        var glass = NewGlass();
        await OpenAsync("c1", glass, "emergency");
        _time.Advance(TestGlass.For + TimeSpan.FromHours(1));
        _presence.Change("host", new PresenceChanges(0, [], [new Departure("c1", kind, TimeSpan.Zero)], 1), _time.GetUtcNow());
        await FollowAsync();
        Assert.Equal(new AccessEnd(_store.Intervals.Keys.Single(), glass.Until, "expired"), _store.Intervals.Values.Single().End);
    }

    [Fact]
    public async Task Who_loses_the_chart_because_it_was_restricted_is_closed_as_revoked()
    {
        await OpenAsync("c1", null, null);
        _presence.Change("host", new PresenceChanges(0, [], [new Departure("c1", DepartureKind.Revoked, TimeSpan.Zero)], 1), _time.GetUtcNow());
        await FollowAsync();
        Assert.Equal("revoked", _store.Intervals.Values.Single().End!.ClosedBy);
    }

    [Fact]
    public async Task Who_comes_back_after_an_outage_goes_on_with_the_same_reason_and_nobody_is_notified_again()
    {
        var glass = NewGlass();
        await OpenAsync("c1", glass, "emergency");
        await RestartAsync(TimeSpan.FromMinutes(10));
        await OpenAsync("c9", glass, "emergency");
        Assert.Null(Assert.Single(_store.Intervals.Values).End);
        Assert.Equal(["olga"], _store.Notified);
    }

    [Fact]
    public async Task Who_comes_back_after_an_outage_with_a_new_reason_has_a_new_interval()
    {
        var glass = NewGlass();
        await OpenAsync("c1", glass, "emergency");
        await RestartAsync(TestGlass.For + TimeSpan.FromMinutes(10));
        await OpenAsync("c9", NewGlass(), "another");
        Assert.Equal(["emergency", "another"], _store.Intervals.Values.Select(i => i.Open.Reason));
        Assert.Equal((glass.Until, "expired"), (_store.Intervals.Values.First().End!.ClosedAt, _store.Intervals.Values.First().End!.ClosedBy));
    }

    [Fact]
    public async Task Who_does_not_come_back_after_an_outage_had_it_open_for_its_time_at_most()
    {
        var glass = NewGlass();
        await OpenAsync("c1", glass, "emergency");
        await RestartAsync(TimeSpan.FromHours(2));
        _access.EndInherited(_ => _time.GetUtcNow());
        await FollowAsync();
        Assert.Equal((glass.Until, "expired"), (_store.Intervals.Values.Single().End!.ClosedAt, _store.Intervals.Values.Single().End!.ClosedBy));
    }

    private static (string, string?, bool, DateTimeOffset) Short(AccessInterval interval) => (interval.User, interval.Reason, interval.BreakGlass, interval.OpenedAt);

    private ChartAccess NewAccess() => new(Patient, _store, TestGlass.Make(_time, ["olga"]), _time, NullLogger.Instance);

    private async Task RestartAsync(TimeSpan after)
    {
        _time.Advance(after);
        _presence = new PresenceSet("e2", new PresenceOptions());
        _access = NewAccess();
        await _access.LoadAsync();
    }

    private BrokenGlass NewGlass() => new(_time.GetUtcNow(), _time.GetUtcNow() + TestGlass.For);

    private Task OpenAsync(string connection, BrokenGlass? glass, string? reason)
    {
        Report(connection, glass, reason);
        return FollowAsync();
    }

    private void Report(string connection, BrokenGlass? glass, string? reason)
    {
        var now = _time.GetUtcNow();
        var presence = new ConnectionPresence(connection, "ann", "Ann", "nurse", PresenceStatus.Active, now, new ChartView(now, reason, glass), 0);
        _presence.Change("host", new PresenceChanges(0, [presence], [], 1), now);
    }

    private Task FollowAsync() => _access.FollowAsync(_presence, _presence.TakeRemoved());
}
