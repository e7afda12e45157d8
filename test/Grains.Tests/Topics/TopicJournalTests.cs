using Clinic.Telemetry;
using Microsoft.Extensions.Logging.Abstractions;

namespace Clinic.Topics;

public sealed class TopicJournalTests : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 20)];


    /// <summary>What a grain's turns are: one piece at a time.</summary>
    private readonly ConcurrentExclusiveSchedulerPair _turns = new();
    private readonly FaultyStore _store = new();
    private readonly EventLogOptions _options = new() { MaxCommit = 8, MaxWaiting = 50, TailEvents = 20 };
    private readonly List<TopicEvent> _told = [];
    private readonly EventCommitter _committer;
    private readonly TopicJournal _journal;

    public TopicJournalTests()
    {
        var metrics = new TopicMetrics(new NoMeters());
        _committer = new EventCommitter(_store, metrics);
        _journal = new TopicJournal(TopicId.ForTenant("north"), _store, _committer, _options, TimeProvider.System, metrics, NullLogger.Instance)
        {
            Told = (_, events) => _told.AddRange(events),
        };
    }

    public async ValueTask DisposeAsync() => await _committer.DisposeAsync();

    [Fact]
    public async Task A_burst_is_numbered_in_its_order_in_few_commits_and_told_once()
    {
        await LoadAsync();
        var results = await Turn(() => Task.WhenAll(Enumerable.Range(1, 40).Select(i => _journal.PublishAsync(Draft($"e{i}")))));
        Assert.Equal(Offsets(1, 40), results.Select(r => r.Offset));
        Assert.Equal(Offsets(1, 40), _told.Select(e => e.Offset));
        Assert.InRange(_store.Appends, 5, 6);
    }

    [Fact]
    public async Task What_is_not_committed_is_neither_acknowledged_nor_told()
    {
        await LoadAsync();
        var committing = new TaskCompletionSource();
        var go = new TaskCompletionSource();
        _store.BeforeAppend = () =>
        {
            committing.TrySetResult();
            return go.Task;
        };
        var publish = Turn(() => _journal.PublishAsync(Draft("e1")));
        await committing.Task.WaitAsync(Limit);
        Assert.False(publish.IsCompleted);
        Assert.Empty(_told);
        go.SetResult();
        Assert.Equal(PublishOutcome.Accepted, (await publish.WaitAsync(Limit)).Outcome);
        Assert.Single(_told);
    }

    [Fact]
    public async Task An_event_whose_commit_was_not_answered_is_told_once_and_its_repeat_gets_the_same_offset()
    {
        await LoadAsync();
        FaultOnce(Fault.AfterCommit);
        Assert.Equal(PublishOutcome.Unavailable, (await PublishAsync("e1")).Outcome);
        Assert.Equal(2, (await PublishAsync("e2")).Offset);
        Assert.Equal(1, (await PublishAsync("e1")).Offset);
        Assert.Equal(["e1", "e2"], _told.Select(e => e.Id));
    }

    [Fact]
    public async Task An_event_whose_commit_was_not_answered_is_told_though_nobody_publishes_again()
    {
        await LoadAsync();
        var fellBehind = new SemaphoreSlim(0);
        var told = new TaskCompletionSource<string>();
        _journal.FellBehind = () => fellBehind.Release();
        _journal.Told = (_, events) => told.TrySetResult(events.Single().Id);
        _store.AddPending("critical");
        FaultOnce(Fault.AfterCommit);
        await Assert.ThrowsAsync<IOException>(() => Turn(() => _journal.DrainAsync()));
        Assert.True(await fellBehind.WaitAsync(Limit));

        // Its topic's timer, while the database is still away, and then when it is back.
        var away = true;
        _store.QueryFails = () => away;
        await Turn(CatchUp);
        Assert.True(await fellBehind.WaitAsync(Limit));
        Assert.False(told.Task.IsCompleted);
        away = false;
        await Turn(CatchUp);
        Assert.Equal("critical", await told.Task.WaitAsync(Limit));

        Task CatchUp()
        {
            _journal.CatchUp();
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task A_commit_that_failed_leaves_no_hole()
    {
        await LoadAsync();
        FaultOnce(Fault.BeforeCommit);
        Assert.Equal(PublishOutcome.Unavailable, (await PublishAsync("e1")).Outcome);
        Assert.Equal(1, (await PublishAsync("e2")).Offset);
        Assert.Equal(["e2"], _told.Select(e => e.Id));
    }

    [Fact]
    public async Task What_another_writer_appended_is_told_in_its_place()
    {
        await LoadAsync();
        await PublishAsync("e1");
        FaultOnce(Fault.OtherWriter);
        Assert.Equal(3, (await PublishAsync("e2")).Offset);
        Assert.Equal(["e1", "other1", "e2"], _told.Select(e => e.Id));
    }

    [Fact]
    public async Task Who_meets_another_writer_again_and_again_is_told_so_and_the_next_one_is_not_held_up()
    {
        await LoadAsync();
        _store.OnAppend = () => Fault.OtherWriter;
        Assert.Equal(PublishOutcome.Unavailable, (await PublishAsync("e1")).Outcome);
        _store.OnAppend = () => Fault.None;
        Assert.Equal(PublishOutcome.Accepted, (await PublishAsync("e2")).Outcome);
        Assert.Equal(_store.Events.Select(e => e.Id), _told.Select(e => e.Id));
    }

    [Fact]
    public async Task The_same_id_is_one_event_and_another_content_under_it_is_refused()
    {
        await LoadAsync();
        var together = await Turn(() => Task.WhenAll(
            _journal.PublishAsync(Draft("e1")), _journal.PublishAsync(Draft("e1")), _journal.PublishAsync(Draft("e1", "other"))));
        Assert.Equal([PublishOutcome.Accepted, PublishOutcome.Accepted, PublishOutcome.IdReused], together.Select(r => r.Outcome));
        Assert.Equal(PublishOutcome.IdReused, (await Turn(() => _journal.PublishAsync(Draft("e1", "other")))).Outcome);
        Assert.Equal(1, (await PublishAsync("e1")).Offset);
        Assert.Single(_store.Events);
    }

    [Fact]
    public async Task More_than_may_wait_is_refused_and_what_waits_is_committed()
    {
        await LoadAsync();
        var go = new TaskCompletionSource();
        _store.BeforeAppend = () => go.Task;
        var publishes = await Turn(() => Task.FromResult(Enumerable.Range(1, 80).Select(i => _journal.PublishAsync(Draft($"e{i}"))).ToArray()));
        var refused = publishes.Where(p => p.IsCompleted).Select(p => p.GetAwaiter().GetResult().Outcome).ToList();
        Assert.All(refused, outcome => Assert.Equal(PublishOutcome.Overloaded, outcome));
        Assert.InRange(refused.Count, 80 - _options.MaxWaiting - _options.MaxCommit, 80 - _options.MaxWaiting);
        go.SetResult();
        var all = await Task.WhenAll(publishes).WaitAsync(Limit);
        Assert.Equal(80 - refused.Count, all.Count(r => r.Outcome == PublishOutcome.Accepted));
    }

    [Fact]
    public async Task A_trim_that_fails_harms_nobody_and_is_tried_again()
    {
        await LoadAsync();
        _store.TrimFails = true;
        for (var i = 1; i <= 600; i++)
        {
            Assert.Equal(i, (await PublishAsync($"e{i}")).Offset);
        }

        Assert.Equal(2, _store.Trims);
    }

    [Fact]
    public async Task A_drain_is_done_when_everything_pending_at_its_time_is_in_the_log()
    {
        await LoadAsync();
        foreach (var i in Enumerable.Range(1, 30))
        {
            _store.AddPending($"p{i}");
        }

        await Turn(() => Task.WhenAll(_journal.DrainAsync(), _journal.PublishAsync(Draft("e1")), _journal.DrainAsync()));
        Assert.Equal(0, _store.Pending);
        Assert.Equal(Offsets(1, 31), _told.Select(e => e.Offset));
        Assert.Equal(Enumerable.Range(1, 30).Select(i => $"p{i}"), _told.Where(e => e.Type == "record").Select(e => e.Id));
    }

    [Fact]
    public async Task A_drain_that_fails_says_so_and_loses_nothing()
    {
        await LoadAsync();
        _store.AddPending("p1");
        FaultOnce(Fault.BeforeCommit);
        await Assert.ThrowsAsync<IOException>(() => Turn(() => _journal.DrainAsync()));
        await Turn(() => _journal.DrainAsync());
        Assert.Equal(["p1"], _told.Select(e => e.Id));
    }

    [Fact]
    public async Task Pending_events_whose_commit_was_not_answered_come_once()
    {
        await LoadAsync();
        _store.AddPending("p1");
        FaultOnce(Fault.AfterCommit);
        await Assert.ThrowsAsync<IOException>(() => Turn(() => _journal.DrainAsync()));
        await Turn(() => _journal.DrainAsync());
        Assert.Equal(["p1"], _told.Select(e => e.Id));
        Assert.Single(_store.Events);
    }

    [Fact]
    public async Task Who_is_behind_what_memory_holds_is_answered_though_the_topic_goes_on()
    {
        _store.Fill(300);
        await LoadAsync();
        await PublishAsync("first");
        _store.AfterRead = async () => await _journal.PublishAsync(Draft(null));
        var slice = await Turn(() => _journal.ReadAsync(new LogPosition(FaultyStore.Epoch, 100)));
        Assert.True(slice.Recovered);
        Assert.Equal(Offsets(101, 302), slice.Events.Select(e => e.Offset));
        Assert.Equal(1, _store.Reads);
    }

    [Fact]
    public async Task Who_is_thousands_of_events_behind_gets_them_all()
    {
        _store.Fill(5000);
        await LoadAsync();
        var slice = await Turn(() => _journal.ReadAsync(new LogPosition(FaultyStore.Epoch, 3)));
        Assert.True(slice.Recovered);
        Assert.Equal(Offsets(4, 5000), slice.Events.Select(e => e.Offset));
    }

    [Fact]
    public async Task Who_missed_more_bytes_than_one_answer_may_have_reloads_before_they_are_all_read()
    {
        _options.MaxRecoveryBytes = 1024 * 1024;
        _store.Fill(2000, bytes: 10_000);
        await LoadAsync();
        var slice = await Turn(() => _journal.ReadAsync(new LogPosition(FaultyStore.Epoch, 0)));
        Assert.False(slice.Recovered);
        Assert.Empty(slice.Events);
        Assert.Equal(1, _store.Reads);
    }

    [Fact]
    public async Task Who_reads_a_topic_that_is_too_busy_to_be_read_is_not_kept_for_ever()
    {
        _store.Fill(300);
        await LoadAsync();
        await PublishAsync("first");
        _store.AfterRead = async () =>
        {
            for (var i = 0; i < _options.TailEvents + 5; i++)
            {
                await _journal.PublishAsync(Draft(null));
            }
        };
        var slice = await Turn(() => _journal.ReadAsync(new LogPosition(FaultyStore.Epoch, 100)));
        Assert.False(slice.Recovered);
        Assert.InRange(_store.Reads, 2, 5);
    }

    [Fact]
    public async Task Events_that_were_committed_but_not_told_yet_are_not_read_either()
    {
        await LoadAsync();
        await PublishAsync("e1");
        FaultOnce(Fault.AfterCommit);
        await PublishAsync("e2");
        Assert.Equal(1, (await Turn(() => _journal.ReadAsync(new LogPosition(FaultyStore.Epoch, 0)))).Head.Offset);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Whatever_fails_nothing_acknowledged_is_lost_and_offsets_are_told_one_by_one(int seed)
    {
        var random = new Random(seed);
        _store.Fill(5);
        await LoadAsync();
        _store.OnAppend = () => (Fault)Math.Max(0, random.Next(9) - 5);
        _store.QueryFails = () => random.Next(25) == 0;
        var acknowledged = new Dictionary<string, long>();
        var next = 0;
        for (var round = 0; round < 200; round++)
        {
            List<string> ids = [.. Enumerable.Range(0, random.Next(1, 15)).Select(_ => random.Next(3) == 0 && next > 0 ? $"e{random.Next(next)}" : $"e{next++}")];
            if (random.Next(3) == 0)
            {
                _store.AddPending($"p{round}");
                _ = Turn(() => _journal.DrainAsync()).ContinueWith(t => t.Exception, TaskScheduler.Default);
            }

            var results = await Turn(() => Task.WhenAll(ids.Select(id => _journal.PublishAsync(Draft(id)))));
            for (var i = 0; i < ids.Count; i++)
            {
                Assert.True(results[i].Outcome is PublishOutcome.Accepted or PublishOutcome.Unavailable);
                if (results[i].Outcome == PublishOutcome.Accepted)
                {
                    Assert.Equal(results[i].Offset, acknowledged.GetValueOrDefault(ids[i], results[i].Offset));
                    acknowledged[ids[i]] = results[i].Offset;
                }
            }
        }

        (_store.OnAppend, _store.QueryFails) = (() => Fault.None, () => false);
        await PublishAsync("last");
        await Turn(() => _journal.DrainAsync());
        var stored = _store.Events;
        Assert.All(acknowledged, a => Assert.Equal(a.Key, stored[(int)a.Value - 1].Id));
        Assert.Equal(stored.Count, stored.Select(e => e.Id).Distinct().Count());
        Assert.Equal(0, _store.Pending);
        Assert.Equal(stored.Skip(5).Select(e => (e.Offset, e.Id)), _told.Select(e => (e.Offset, e.Id)));
    }

    private Task<bool> LoadAsync() => Turn(() => _journal.LoadAsync());

    private Task<PublishResult> PublishAsync(string id) => Turn(() => _journal.PublishAsync(Draft(id)));

    private void FaultOnce(Fault fault)
    {
        var first = true;
        _store.OnAppend = () => first && !(first = false) ? fault : Fault.None;
    }

    private async Task<T> Turn<T>(Func<Task<T>> act) =>
        await Task.Factory.StartNew(act, CancellationToken.None, TaskCreationOptions.None, _turns.ExclusiveScheduler).Unwrap().WaitAsync(Limit);

    private Task<bool> Turn(Func<Task> act) => Turn(async () =>
    {
        await act();
        return true;
    });

    private static EventDraft Draft(string? id, string type = "t") => new(type, id, "{}"u8.ToArray(), null);

    private static IEnumerable<long> Offsets(int from, int to) => Enumerable.Range(from, to - from + 1).Select(i => (long)i);
}
