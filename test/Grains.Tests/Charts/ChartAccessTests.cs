using Clinic.Presence;
using Clinic.Topics;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Clinic.Charts;

public sealed class ChartAccessTests
{
    private static readonly TopicId Patient = TopicId.ForPatient("north", "p");
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly IntervalStore _store = new();
    private readonly PresenceSet _presence = new("e", new PresenceOptions());
    private readonly ChartAccess _access;

    public ChartAccessTests() => _access = new ChartAccess(Patient, _store, TestGlass.Make(_time), _time, NullLogger.Instance);

    [Fact]
    public async Task Who_opens_and_closes_the_chart_is_on_record_from_when_to_when()
    {
        await OpenAsync("c1", "ann");
        Assert.True(_access.IsRecorded("ann", _presence));
        _time.Advance(TimeSpan.FromMinutes(5));
        await DepartAsync("c1", DepartureKind.Closed);
        var interval = Assert.Single(_store.Intervals.Values);
        Assert.Equal((_time.GetUtcNow().AddMinutes(-5), _time.GetUtcNow(), "user"), (interval.Open.OpenedAt, interval.End!.ClosedAt, interval.End.ClosedBy));
    }

    [Fact]
    public async Task Two_windows_of_one_user_are_one_interval()
    {
        await OpenAsync("c1", "ann");
        await OpenAsync("c2", "ann");
        await DepartAsync("c1", DepartureKind.Closed);
        Assert.Null(Assert.Single(_store.Intervals.Values).End);
        await DepartAsync("c2", DepartureKind.Closed);
        Assert.NotNull(Assert.Single(_store.Intervals.Values).End);
    }

    [Fact]
    public async Task A_broken_connection_ends_the_interval_when_it_broke_and_not_when_the_grace_was_over()
    {
        await OpenAsync("c1", "ann");
        var broke = _time.GetUtcNow();
        _presence.Change("host", new PresenceChanges(0, [], [new Departure("c1", DepartureKind.Broken, TimeSpan.Zero)], 1), broke);
        await FollowAsync();
        Assert.Null(_store.Intervals.Values.Single().End);
        _time.Advance(TimeSpan.FromSeconds(4));
        _presence.Sweep(_time.GetUtcNow());
        await FollowAsync();
        Assert.Equal(new AccessEnd(_store.Intervals.Keys.Single(), broke, "connection_lost"), _store.Intervals.Values.Single().End);
    }

    [Fact]
    public async Task Who_dies_with_the_host_had_it_open_until_the_host_was_heard_of_last()
    {
        await OpenAsync("c1", "ann");
        var heard = _time.GetUtcNow();
        _time.Advance(TimeSpan.FromSeconds(10));
        _presence.HostLost("host", heard, _time.GetUtcNow());
        _presence.Sweep(_time.GetUtcNow());
        await FollowAsync();
        Assert.Equal(new AccessEnd(_store.Intervals.Keys.Single(), heard, "host_lost"), _store.Intervals.Values.Single().End);
    }

    [Fact]
    public async Task What_the_database_did_not_take_is_not_on_record_and_is_tried_again()
    {
        _store.Fails = true;
        await OpenAsync("c1", "ann");
        Assert.False(_access.IsRecorded("ann", _presence));
        Assert.True(_access.Behind);
        _store.Fails = false;
        await FollowAsync();
        Assert.True(_access.IsRecorded("ann", _presence));
        Assert.False(_access.Behind);
    }

    [Fact]
    public async Task An_opening_whose_answer_was_lost_is_one_interval_and_ends_with_the_user()
    {
        _store.FailsAfterwards = true;
        await OpenAsync("c1", "ann");
        _store.FailsAfterwards = false;
        await FollowAsync();
        await DepartAsync("c1", DepartureKind.Closed);
        Assert.NotNull(Assert.Single(_store.Intervals.Values).End);
    }

    [Fact]
    public async Task An_opening_whose_answer_was_lost_ends_also_when_the_user_is_gone_before_it_is_said_again()
    {
        _store.FailsAfterwards = true;
        await OpenAsync("c1", "ann");
        _store.FailsAfterwards = false;
        await DepartAsync("c1", DepartureKind.Closed);
        Assert.NotNull(Assert.Single(_store.Intervals.Values).End);
    }

    [Fact]
    public async Task A_closing_that_failed_is_said_again_with_its_own_time()
    {
        await OpenAsync("c1", "ann");
        var closed = _time.GetUtcNow();
        _store.Fails = true;
        await DepartAsync("c1", DepartureKind.Closed);
        _time.Advance(TimeSpan.FromMinutes(1));
        _store.Fails = false;
        await FollowAsync();
        Assert.Equal(closed, _store.Intervals.Values.Single().End!.ClosedAt);
    }

    [Fact]
    public async Task Who_comes_back_after_an_outage_goes_on_and_who_does_not_is_closed_when_all_was_well_last()
    {
        await OpenAsync("c1", "ann");
        await OpenAsync("c2", "ben");
        var alive = _time.GetUtcNow().AddSeconds(30);
        _time.Advance(TimeSpan.FromMinutes(10));

        var next = new ChartAccess(Patient, _store, TestGlass.Make(_time), _time, NullLogger.Instance);
        await next.LoadAsync();
        var presence = new PresenceSet("e2", new PresenceOptions());
        presence.Change("host", new PresenceChanges(0, [Viewer("c9", "ann")], [], 1), _time.GetUtcNow());
        await next.FollowAsync(presence, []);
        next.EndInherited(_ => alive);
        await next.FollowAsync(presence, []);
        Assert.Equal(2, _store.Intervals.Count);
        Assert.Null(Of("ann").End);
        Assert.Equal((alive, "outage"), (Of("ben").End!.ClosedAt, Of("ben").End!.ClosedBy));
    }

    private (AccessInterval Open, AccessEnd? End) Of(string user) => _store.Intervals.Values.Single(i => i.Open.User == user);

    private Task OpenAsync(string connection, string user)
    {
        _presence.Change("host", new PresenceChanges(0, [Viewer(connection, user)], [], 1), _time.GetUtcNow());
        return FollowAsync();
    }

    private Task DepartAsync(string connection, DepartureKind kind)
    {
        _presence.Change("host", new PresenceChanges(0, [], [new Departure(connection, kind, TimeSpan.Zero)], 1), _time.GetUtcNow());
        return FollowAsync();
    }

    private Task FollowAsync() => _access.FollowAsync(_presence, _presence.TakeRemoved());

    private ConnectionPresence Viewer(string connection, string user) =>
        new(connection, user, user, "nurse", PresenceStatus.Active, _time.GetUtcNow(), new ChartView(_time.GetUtcNow(), null), 0);

    /// <summary>The intervals in memory; fails before or after it stored something.</summary>
    internal sealed class IntervalStore : IChartStore
    {
        public Dictionary<string, (AccessInterval Open, AccessEnd? End)> Intervals { get; } = [];

        /// <summary>Who was notified of restricted charts, in order.</summary>
        public List<string> Notified { get; } = [];

        public bool Fails { get; set; }

        public bool FailsAfterwards { get; set; }

        public DateTimeOffset? AliveMark { get; init; }

        public Task OpenAsync(AccessInterval interval, CancellationToken cancellation) => Write(() => Intervals.TryAdd(interval.Id, (interval, null)));

        public Task BreakGlassAsync(AccessInterval interval, Officers officers, CancellationToken cancellation) => Write(() =>
        {
            if (Intervals.TryAdd(interval.Id, (interval, null)))
            {
                Notified.AddRange(officers.Users);
            }
        });

        public Task CloseAsync(IReadOnlyList<AccessEnd> ends, CancellationToken cancellation) => Write(() =>
        {
            foreach (var end in ends.Where(e => Intervals.TryGetValue(e.Id, out var interval) && interval.End is null))
            {
                Intervals[end.Id] = (Intervals[end.Id].Open, end);
            }
        });

        public Task<IReadOnlyList<AccessInterval>> ReadOpenAsync(TopicId patient, CancellationToken cancellation) =>
            Task.FromResult<IReadOnlyList<AccessInterval>>([.. Intervals.Values.Where(i => i.End is null).Select(i => i.Open)]);

        public Task<IReadOnlyList<TopicId>> FindUnsettledAsync(string afterKey, int limit, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<IReadOnlyList<StoredEdit>> ReadEditsAsync(TopicId patient, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<bool> TakeEditAsync(StoredEdit edit, long expectedFence, IReadOnlyList<EventDraft> events, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<bool> EndEditAsync(TopicId patient, string section, string lease, IReadOnlyList<EventDraft> events, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<IReadOnlyDictionary<string, long>> ReadFencesAsync(TopicId patient, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<DateTimeOffset?> ReadAliveMarkAsync(CancellationToken cancellation) => Task.FromResult(AliveMark);

        public Task WriteAliveMarkAsync(DateTimeOffset now, CancellationToken cancellation) => throw new NotSupportedException();

        private async Task Write(Action write)
        {
            await Task.Yield();
            if (!Fails)
            {
                write();
            }

            if (Fails || FailsAfterwards)
            {
                throw new IOException("The database is gone.");
            }
        }
    }
}
