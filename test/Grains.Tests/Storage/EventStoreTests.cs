using System.Collections.Concurrent;
using System.Text;
using Clinic.Databases;
using Clinic.Topics;
using Microsoft.Extensions.Time.Testing;

namespace Clinic.Storage;

/// <summary>What every event store promises; run on each database.</summary>
public abstract class EventStoreTests(StorageProvider provider) : IAsyncLifetime
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 8, 0, 0, TimeSpan.Zero);
    private readonly FakeTimeProvider _time = new(Start);
    private readonly List<ClinicDatabase> _others = [];
    private FreshDatabase _fresh = null!;
    private IEventStore _store = null!;
    private LogPosition _empty;

    public async Task InitializeAsync()
    {
        _fresh = await FreshDatabase.CreateAsync(provider);
        _store = StoreOn(_fresh.Database);
        _empty = await _store.ReadHeadAsync(Thread("nobody"), default);
    }

    public async Task DisposeAsync()
    {
        foreach (var database in _others)
        {
            await database.DisposeAsync();
        }

        await _fresh.DisposeAsync();
    }

    [Fact]
    public async Task A_topic_without_events_has_offset_0_and_the_epoch_of_the_database()
    {
        Assert.Equal(0, _empty.Offset);
        Assert.NotEmpty(_empty.Epoch);
        Assert.Equal(_empty, await _store.ReadHeadAsync(TopicId.ForTenant("north"), default));
        Assert.Empty(await _store.ReadAsync(Thread("t"), 0, 10, default));
    }

    [Fact]
    public async Task Events_come_back_as_they_were_written_and_move_the_head()
    {
        var events = new[]
        {
            new TopicEvent("message:new", "a", 1, Start, """{ "b" :1.0 ,"b":2}"""u8.ToArray(), "u1"),
            new TopicEvent("message:read", "b", 2, Start.AddMilliseconds(7), "null"u8.ToArray(), null),
        };

        Assert.True(await AppendAsync(new LogAppend(Thread("t"), _empty, events, [], [])));

        AssertSame(events, await _store.ReadAsync(Thread("t"), 0, 10, default));
        AssertSame(events[1..], await _store.ReadAsync(Thread("t"), 1, 10, default));
        AssertSame(events[..1], await _store.ReadAsync(Thread("t"), 0, 1, default));
        Assert.Equal(_empty with { Offset = 2 }, await _store.ReadHeadAsync(Thread("t"), default));
        Assert.Equal(_empty, await _store.ReadHeadAsync(Thread("T"), default));
    }

    [Theory]
    [InlineData("""{"text":"\u0000 \" ' \\ $1 @p0 ; --"}""")]
    [InlineData("{\"text\":\"\U0001F469\u200D\u2695\uFE0F \u0436 \uFFFD\u2028\"}")]
    [InlineData(" [ 1e400 , -0 ] \n")]
    public async Task Any_json_keeps_its_bytes_and_any_id_its_characters(string json)
    {
        const string Odd = "a'b\"c\\/%_ ;--\U0001F3E5\u0436\u200D@p0$1";
        var topic = TopicId.ForPatient(Odd, Odd);
        var e = new TopicEvent(Odd, Odd, 1, Start, Encoding.UTF8.GetBytes(json), Odd);
        var used = new NewEventId(Odd, [0, 255, 39, 92], 1, Start.AddHours(1));

        Assert.True(await AppendAsync(new LogAppend(topic, _empty, [e], [used], [])));

        AssertSame([e], await _store.ReadAsync(topic, 0, 10, default));
        Assert.Equal(used.Hash, (await _store.FindIdsAsync(topic, [Odd], default))[Odd].Hash);
    }

    [Fact]
    public async Task An_append_on_another_head_than_the_expected_one_changes_nothing()
    {
        Assert.True(await AppendAsync(Append("t", 0, 2)));

        Assert.False(await AppendAsync(Append("t", 0, 1)));
        Assert.False(await AppendAsync(Append("t", 1, 1)));
        Assert.False(await AppendAsync(Append("t", 3, 1)));
        Assert.False(await AppendAsync(Append("t", 2, 1) with { Expected = new LogPosition("other", 2) }));
        Assert.False(await AppendAsync(Append("new", 0, 1) with { Expected = new LogPosition("other", 0) }));
        Assert.False(await AppendAsync(Append("new", 4, 1)));

        Assert.Equal(2, (await _store.ReadAsync(Thread("t"), 0, 10, default)).Count);
        Assert.Empty(await _store.ReadAsync(Thread("new"), 0, 10, default));
        Assert.Equal(_empty with { Offset = 2 }, await _store.ReadHeadAsync(Thread("t"), default));
    }

    [Fact]
    public async Task In_a_group_each_append_counts_on_its_own()
    {
        await _store.AppendAsync([Append("old", 0, 3), Append("stale", 0, 1)], default);

        var done = await _store.AppendAsync([Append("new", 0, 2), Append("stale", 0, 2), Append("old", 3, 1), Append("stale-new", 5, 1)], default);

        Assert.Equal([true, false, true, false], done);
        Assert.Equal([1, 2], await OffsetsAsync("new"));
        Assert.Equal([1], await OffsetsAsync("stale"));
        Assert.Equal([1, 2, 3, 4], await OffsetsAsync("old"));
        Assert.Empty(await OffsetsAsync("stale-new"));
    }

    [Fact]
    public async Task Of_two_appends_with_the_same_head_in_one_group_one_happens()
    {
        await _store.AppendAsync([Append("old", 0, 1)], default);

        var done = await _store.AppendAsync([Append("new", 0, 1), Append("old", 1, 1), Append("new", 0, 2), Append("old", 1, 2)], default);

        Assert.NotEqual(done[0], done[2]);
        Assert.NotEqual(done[1], done[3]);
        Assert.Equal(Enumerable.Range(1, done[0] ? 1 : 2).Select(i => (long)i), await OffsetsAsync("new"));
        Assert.Equal(Enumerable.Range(1, done[1] ? 2 : 3).Select(i => (long)i), await OffsetsAsync("old"));
    }

    [Fact]
    public async Task Of_two_first_appends_in_one_group_the_one_that_may_is_written()
    {
        const long Gone = 4711;
        var refused = Append("new", 0, 1) with { PendingTaken = [Gone] };
        var granted = Append("new", 0, 1);

        var done = await _store.AppendAsync([refused, granted], default);

        Assert.Equal([false, true], done);
        AssertSame(granted.Events, await _store.ReadAsync(Thread("new"), 0, 10, default));
    }

    [Fact]
    public async Task A_group_of_hundreds_of_topics_is_committed_together()
    {
        var group = Enumerable.Range(0, 300).Select(i => Append($"t{i}", 0, 1 + (i % 3))).ToList();

        Assert.All(await _store.AppendAsync(group, default), Assert.True);

        Assert.Equal([1, 2, 3], await OffsetsAsync("t299"));
    }

    [Fact]
    public async Task Of_many_first_writers_of_a_topic_one_succeeds()
    {
        for (var round = 0; round < 10; round++)
        {
            var topic = $"first-{round}";
            var stores = Enumerable.Range(0, 6).Select(_ => StoreOfAnotherProcess()).ToList();
            var done = await Task.WhenAll(stores.Select(store => Task.Run(() => store.AppendAsync([Append(topic, 0, 2)], default))));

            Assert.Single(done, d => d[0]);
            Assert.Equal([1, 2], await OffsetsAsync(topic));
        }
    }

    [Fact]
    public async Task Writers_that_race_on_one_topic_leave_neither_hole_nor_repeat()
    {
        const int Each = 20;
        var winners = new ConcurrentBag<string>();
        await Task.WhenAll(Enumerable.Range(0, 5).Select(writer => Task.Run(async () =>
        {
            var store = StoreOfAnotherProcess();
            for (var i = 0; i < Each; i++)
            {
                while (true)
                {
                    var head = await store.ReadHeadAsync(Thread("t"), default);
                    var id = $"{writer}-{i}";
                    var e = new TopicEvent("x", id, head.Offset + 1, Start, "1"u8.ToArray(), null);
                    if ((await store.AppendAsync([new LogAppend(Thread("t"), head, [e], [], [])], default))[0])
                    {
                        winners.Add(id);
                        break;
                    }
                }
            }
        })));

        var stored = await _store.ReadAsync(Thread("t"), 0, 1000, default);
        Assert.Equal(Enumerable.Range(1, 5 * Each).Select(i => (long)i), stored.Select(e => e.Offset));
        Assert.Equal(winners.Order(), stored.Select(e => e.Id).Order());
    }

    [Fact]
    public async Task Groups_over_the_same_topics_in_any_order_do_not_lock_each_other_out()
    {
        var names = Enumerable.Range(0, 12).Select(i => $"t{i}").ToList();
        var counts = new ConcurrentDictionary<string, int>();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(writer => Task.Run(async () =>
        {
            var store = StoreOfAnotherProcess();
            var random = new Random(writer);
            for (var round = 0; round < 25; round++)
            {
                var mine = names.ToArray();
                random.Shuffle(mine);
                var group = new List<LogAppend>();
                foreach (var name in mine[..8])
                {
                    group.Add(Append(name, (await store.ReadHeadAsync(Thread(name), default)).Offset, 1));
                }

                var done = await store.AppendAsync(group, default);
                for (var i = 0; i < done.Length; i++)
                {
                    counts.AddOrUpdate(mine[i], done[i] ? 1 : 0, (_, n) => n + (done[i] ? 1 : 0));
                }
            }
        })));

        foreach (var name in names)
        {
            Assert.Equal(Enumerable.Range(1, counts[name]).Select(i => (long)i), await OffsetsAsync(name));
        }
    }

    [Fact]
    public async Task A_used_id_is_found_until_it_expires_and_may_be_used_again_then()
    {
        var first = Append("t", 0, 2) with { UsedIds = [new NewEventId("a", [1], 1, Start.AddHours(1)), new NewEventId("b", [2], 2, Start.AddHours(3))] };
        Assert.True(await AppendAsync(first));
        var found = await _store.FindIdsAsync(Thread("t"), ["a", "b", "c"], default);
        Assert.Equal(["a", "b"], found.Keys.Order());
        Assert.Equal(2, found["b"].Offset);
        Assert.Equal([2], found["b"].Hash);
        Assert.Empty(await _store.FindIdsAsync(Thread("other"), ["a"], default));
        Assert.Empty(await _store.FindIdsAsync(Thread("t"), [], default));

        var again = Append("t", 2, 1) with { UsedIds = [new NewEventId("a", [3], 3, Start.AddHours(9))] };
        Assert.False(await AppendAsync(again));
        Assert.Equal([1, 2], await OffsetsAsync("t"));

        _time.Advance(TimeSpan.FromHours(2));
        Assert.Equal(["b"], (await _store.FindIdsAsync(Thread("t"), ["a", "b"], default)).Keys);
        Assert.True(await AppendAsync(again));
        Assert.Equal(3, (await _store.FindIdsAsync(Thread("t"), ["a"], default))["a"].Offset);
    }

    [Fact]
    public async Task The_same_id_on_another_topic_is_another_id()
    {
        var used = new[] { new NewEventId("a", [1], 1, Start.AddHours(1)) };

        Assert.All(await _store.AppendAsync([Append("t", 0, 1) with { UsedIds = used }, Append("u", 0, 1) with { UsedIds = used }], default), Assert.True);
    }

    [Fact]
    public async Task Expired_ids_are_deleted_a_limited_number_at_a_time()
    {
        var ids = Enumerable.Range(1, 5).Select(i => new NewEventId($"id{i}", [1], i, Start.AddMinutes(i))).ToList();
        await _store.AppendAsync([Append("t", 0, 5) with { UsedIds = ids }], default);

        Assert.Equal(0, await _store.ExpireIdsAsync(Start.AddMinutes(1), 10, default));
        Assert.Equal(2, await _store.ExpireIdsAsync(Start.AddMinutes(4), 2, default));
        Assert.Equal(1, await _store.ExpireIdsAsync(Start.AddMinutes(4), 2, default));
        Assert.Equal(["id4", "id5"], (await _store.FindIdsAsync(Thread("t"), [.. ids.Select(i => i.Id)], default)).Keys.Order());
    }

    [Fact]
    public async Task Pending_events_are_read_in_the_order_of_their_writing_and_go_with_the_append()
    {
        await WritePendingAsync("t", "p1", "p2", "p3");
        var pending = await _store.ReadPendingAsync(Thread("t"), 2, default);
        Assert.Equal(["p1", "p2"], pending.Select(p => p.Id));
        Assert.Equal("""{"text":"ü\u0000"}""", Encoding.UTF8.GetString(pending[0].Data));
        Assert.Equal("u1", pending[0].By);

        var append = Append("t", 0, 2) with { PendingTaken = [.. pending.Select(p => p.Sequence)] };
        Assert.True(await AppendAsync(append));

        Assert.Equal(["p3"], (await _store.ReadPendingAsync(Thread("t"), 10, default)).Select(p => p.Id));
    }

    [Fact]
    public async Task A_pending_event_is_taken_once()
    {
        await WritePendingAsync("t", "p1");
        await WritePendingAsync("u", "p2");
        var mine = (await _store.ReadPendingAsync(Thread("t"), 10, default))[0].Sequence;
        var foreign = (await _store.ReadPendingAsync(Thread("u"), 10, default))[0].Sequence;

        Assert.False(await AppendAsync(Append("t", 0, 2) with { PendingTaken = [mine, foreign] }));
        Assert.Single(await _store.ReadPendingAsync(Thread("t"), 10, default));
        Assert.True(await AppendAsync(Append("t", 0, 1) with { PendingTaken = [mine] }));
        Assert.False(await AppendAsync(Append("t", 1, 1) with { PendingTaken = [mine] }));

        Assert.Equal([1], await OffsetsAsync("t"));
        Assert.Single(await _store.ReadPendingAsync(Thread("u"), 10, default));
    }

    [Fact]
    public async Task Two_that_take_the_same_pending_event_at_once_leave_one_event()
    {
        for (var round = 0; round < 10; round++)
        {
            var topic = $"t{round}";
            await WritePendingAsync(topic, $"p{round}");
            var append = Append(topic, 0, 1) with { PendingTaken = [(await _store.ReadPendingAsync(Thread(topic), 1, default))[0].Sequence] };

            var done = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => StoreOfAnotherProcess().AppendAsync([append], default))));

            Assert.Single(done, d => d[0]);
            Assert.Equal([1], await OffsetsAsync(topic));
        }
    }

    [Fact]
    public async Task Topics_with_old_pending_events_are_found_those_that_wait_longest_first()
    {
        await WritePendingAsync("second", "a");
        _time.SetUtcNow(Start.AddMinutes(1));
        await WritePendingAsync("third", "b");
        await WritePendingAsync("second", "c");
        _time.SetUtcNow(Start.AddMinutes(2));
        await WritePendingAsync("fresh", "d");

        Assert.Equal([Thread("second"), Thread("third")], await _store.FindTopicsWithPendingAsync(Start.AddMinutes(2), 10, default));
        Assert.Equal([Thread("second")], await _store.FindTopicsWithPendingAsync(Start.AddMinutes(2), 1, default));
        Assert.Empty(await _store.FindTopicsWithPendingAsync(Start, 10, default));
    }

    [Fact]
    public async Task A_trim_takes_what_is_both_old_and_not_among_the_newest()
    {
        await _store.AppendAsync([At("t", Start, Start.AddHours(1), Start.AddHours(2), Start.AddHours(3)), At("other", Start)], default);

        await _store.TrimAsync(Thread("t"), 3, Start.AddHours(9), default);
        Assert.Equal([2, 3, 4], await OffsetsAsync("t"));
        await _store.TrimAsync(Thread("t"), 0, Start.AddHours(2), default);
        Assert.Equal([3, 4], await OffsetsAsync("t"));
        await _store.TrimAsync(Thread("t"), 0, Start.AddHours(9), default);
        Assert.Empty(await OffsetsAsync("t"));

        Assert.Equal(4, (await _store.ReadHeadAsync(Thread("t"), default)).Offset);
        Assert.Equal([1], await OffsetsAsync("other"));
        Assert.True(await AppendAsync(Append("t", 4, 1)));
    }

    [Fact]
    public async Task A_trim_leaves_no_hole_when_the_clock_was_set_back()
    {
        await _store.AppendAsync([At("t", Start, Start.AddHours(5), Start.AddHours(1), Start.AddHours(6))], default);

        await _store.TrimAsync(Thread("t"), 0, Start.AddHours(3), default);

        Assert.Equal([2, 3, 4], await OffsetsAsync("t"));
    }

    [Fact]
    public async Task A_cancelled_append_writes_nothing()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _store.AppendAsync([Append("t", 0, 1)], cancelled.Token));

        Assert.Empty(await OffsetsAsync("t"));
    }

    private async Task<bool> AppendAsync(LogAppend append) => Assert.Single(await _store.AppendAsync([append], default));

    private static TopicId Thread(string id) => TopicId.ForThread("north", id);

    private static void AssertSame(IReadOnlyList<TopicEvent> expected, IReadOnlyList<TopicEvent> actual) => Assert.Equal(
        expected.Select(e => (e.Type, e.Id, e.Offset, e.Time, Convert.ToHexString(e.Data), e.By)),
        actual.Select(e => (e.Type, e.Id, e.Offset, e.Time, Convert.ToHexString(e.Data), e.By)));

    private LogAppend Append(string topic, long head, int count) =>
        At(topic, [.. Enumerable.Repeat(Start, count)]) is var append && head == 0
            ? append
            : append with
            {
                Expected = _empty with { Offset = head },
                Events = [.. append.Events.Select(e => e with { Offset = head + e.Offset })],
            };

    private LogAppend At(string topic, params DateTimeOffset[] times) =>
        new(Thread(topic), _empty, [.. times.Select((t, i) => new TopicEvent("x", $"e{Guid.NewGuid():N}", i + 1, t, "{}"u8.ToArray(), null))], [], []);

    private async Task<IEnumerable<long>> OffsetsAsync(string topic) =>
        (await _store.ReadAsync(Thread(topic), 0, 1000, default)).Select(e => e.Offset);

    private Task<bool> WritePendingAsync(string topic, params string[] ids) => _fresh.Database.WriteAsync(async transaction =>
    {
        var events = ids.Select(id => new EventDraft("x", id, """{"text":"ü\u0000"}"""u8.ToArray(), "u1"));
        await PendingEvents.AddAsync(transaction, Thread(topic), events, _time.GetUtcNow(), default);
        return true;
    });

    private IEventStore StoreOfAnotherProcess()
    {
        var database = new ClinicDatabase(_fresh.Options);
        lock (_others)
        {
            _others.Add(database);
        }

        return StoreOn(database);
    }

    private IEventStore StoreOn(ClinicDatabase database) => provider == StorageProvider.PostgreSql
        ? new PostgreSqlEventStore(database, _time)
        : new SqliteEventStore(database, _time);
}

/// <summary>The event store on PostgreSQL.</summary>
public sealed class PostgreSqlEventStoreTests() : EventStoreTests(StorageProvider.PostgreSql);

/// <summary>The event store on SQLite.</summary>
public sealed class SqliteEventStoreTests() : EventStoreTests(StorageProvider.Sqlite);
