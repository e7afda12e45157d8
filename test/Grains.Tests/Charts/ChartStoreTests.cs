using Clinic.Databases;
using Clinic.Storage;
using Clinic.Topics;
using Microsoft.Extensions.Time.Testing;

namespace Clinic.Charts;

/// <summary>What the chart store promises; run on each database.</summary>
public abstract class ChartStoreTests(StorageProvider provider) : IAsyncLifetime
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 8, 0, 0, TimeSpan.Zero);
    private readonly FakeTimeProvider _time = new(Start);
    private FreshDatabase _fresh = null!;
    private ChartStore _store = null!;
    private IEventStore _events = null!;

    public async Task InitializeAsync()
    {
        _fresh = await FreshDatabase.CreateAsync(provider);
        _store = new ChartStore(_fresh.Database, _time);
        _events = provider == StorageProvider.PostgreSql ? new PostgreSqlEventStore(_fresh.Database, _time) : new SqliteEventStore(_fresh.Database, _time);
    }

    public async Task DisposeAsync() => await _fresh.DisposeAsync();

    [Fact]
    public async Task An_interval_is_open_until_it_is_closed()
    {
        var first = Interval("i1", "p1", "u1") with { Reason = "Visit; 'quoted' \U0001F3E5" };
        var second = Interval("i2", "p1", "u2") with { OpenedAt = Start.AddMinutes(1) };
        await _store.OpenAsync(second, default);
        await _store.OpenAsync(first, default);
        await _store.OpenAsync(Interval("i3", "p2", "u1"), default);

        Assert.Equal([first, second], await _store.ReadOpenAsync(Chart("p1"), default));

        await _store.CloseAsync([new AccessEnd("i1", Start.AddMinutes(5), "user"), new AccessEnd("i3", Start.AddMinutes(5), "user")], default);

        Assert.Equal([second], await _store.ReadOpenAsync(Chart("p1"), default));
        Assert.Empty(await _store.ReadOpenAsync(Chart("p2"), default));
    }

    [Fact]
    public async Task Opening_or_closing_again_changes_nothing()
    {
        await _store.OpenAsync(Interval("i1", "p1", "u1"), default);
        await _store.CloseAsync([new AccessEnd("i1", Start.AddMinutes(5), "user")], default);

        await _store.OpenAsync(Interval("i1", "p1", "u1"), default);
        await _store.CloseAsync([new AccessEnd("i1", Start.AddMinutes(9), "outage"), new AccessEnd("unknown", Start, "user")], default);
        await _store.CloseAsync([], default);

        Assert.Empty(await _store.ReadOpenAsync(Chart("p1"), default));
        Assert.Equal("user", await ScalarAsync<string>("select closed_by from chart_access"));
        Assert.Equal(1, await ScalarAsync<long>("select count(*) from chart_access"));
    }

    [Fact]
    public async Task A_section_goes_to_whoever_knows_its_fence()
    {
        var first = Edit("p1", "allergies", "l1", 1);
        Assert.True(await _store.TakeEditAsync(first, 0, [], default));
        Assert.False(await _store.TakeEditAsync(Edit("p1", "allergies", "l2", 1), 0, [], default));
        Assert.False(await _store.TakeEditAsync(Edit("p1", "allergies", "l2", 3), 2, [], default));
        Assert.False(await _store.TakeEditAsync(Edit("p1", "never-held", "l2", 3), 2, [], default));
        Assert.Equal([first], await _store.ReadEditsAsync(Chart("p1"), default));

        var second = Edit("p1", "allergies", "l2", 2) with { User = "u2", Connection = "c2", Since = Start.AddMinutes(1) };
        Assert.True(await _store.TakeEditAsync(second, 1, [], default));

        Assert.Equal([second], await _store.ReadEditsAsync(Chart("p1"), default));
        Assert.Empty(await _store.ReadEditsAsync(Chart("p2"), default));
        Assert.Equal(2, (await _store.ReadFencesAsync(Chart("p1"), default))["allergies"]);
    }

    [Fact]
    public async Task A_freed_section_keeps_its_fence()
    {
        await _store.TakeEditAsync(Edit("p1", "allergies", "l1", 1), 0, [], default);

        Assert.False(await _store.EndEditAsync(Chart("p1"), "allergies", "wrong", [], default));
        Assert.False(await _store.EndEditAsync(Chart("p2"), "allergies", "l1", [], default));
        Assert.True(await _store.EndEditAsync(Chart("p1"), "allergies", "l1", [], default));
        Assert.False(await _store.EndEditAsync(Chart("p1"), "allergies", "l1", [], default));

        Assert.Empty(await _store.ReadEditsAsync(Chart("p1"), default));
        Assert.Equal(new Dictionary<string, long> { ["allergies"] = 1 }, await _store.ReadFencesAsync(Chart("p1"), default));
        Assert.False(await _store.TakeEditAsync(Edit("p1", "allergies", "l2", 1), 0, [], default));
        Assert.True(await _store.TakeEditAsync(Edit("p1", "allergies", "l2", 2), 1, [], default));
    }

    [Fact]
    public async Task Of_many_that_take_a_section_at_once_one_gets_it()
    {
        for (var fence = 0; fence < 8; fence++)
        {
            var done = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(async () =>
            {
                await using var database = new ClinicDatabase(_fresh.Options);
                var draft = new EventDraft("edit:started", $"{fence}-{i}", "{}"u8.ToArray(), "u1");
                return await new ChartStore(database, _time).TakeEditAsync(Edit("p1", "allergies", $"l{fence}-{i}", fence + 1), fence, [draft], default);
            })));

            Assert.Single(done, d => d);
            var lease = Assert.Single(await _store.ReadEditsAsync(Chart("p1"), default)).Lease;
            Assert.Equal($"l{fence}-{Array.IndexOf(done, true)}", lease);
        }

        // One event for each that got it, none for the others.
        Assert.Equal(8, (await _events.ReadPendingAsync(Chart("p1"), 100, default)).Count);
    }

    [Fact]
    public async Task Events_are_stored_if_and_only_if_the_section_changes_hands()
    {
        var started = new EventDraft("edit:started", "e1", """{"section":"\u00e4"}"""u8.ToArray(), "u1");
        var ended = new EventDraft("edit:ended", null, "{}"u8.ToArray(), null);
        await _store.TakeEditAsync(Edit("p1", "allergies", "l1", 1), 0, [started], default);
        await _store.TakeEditAsync(Edit("p1", "allergies", "l2", 1), 0, [started with { Id = "e2" }], default);
        await _store.EndEditAsync(Chart("p1"), "allergies", "wrong", [ended], default);
        await _store.EndEditAsync(Chart("p1"), "allergies", "l1", [ended, ended], default);

        var pending = await _events.ReadPendingAsync(Chart("p1"), 10, default);
        Assert.Equal(["edit:started", "edit:ended", "edit:ended"], pending.Select(p => p.Type));
        Assert.Equal("e1", pending[0].Id);
        Assert.Equal(started.Data, pending[0].Data);
        Assert.Equal("u1", pending[0].By);
        Assert.Null(pending[1].By);
        Assert.NotEqual(pending[1].Id, pending[2].Id);
        Assert.Equal([Chart("p1")], await _events.FindTopicsWithPendingAsync(Start.AddTicks(1).AddMilliseconds(1), 10, default));
    }

    [Fact]
    public async Task An_event_that_can_not_be_stored_leaves_the_section_as_it_was()
    {
        var draft = new EventDraft("edit:started", "same", "{}"u8.ToArray(), null);

        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(
            () => _store.TakeEditAsync(Edit("p1", "allergies", "l1", 1), 0, [draft, draft], default));

        Assert.Empty(await _store.ReadFencesAsync(Chart("p1"), default));
        Assert.Empty(await _events.ReadPendingAsync(Chart("p1"), 10, default));
    }

    [Fact]
    public async Task Charts_with_something_open_are_found_page_by_page()
    {
        foreach (var patient in new[] { "a", "b", "C", "ü" })
        {
            await _store.OpenAsync(Interval($"1{patient}", patient, "u1"), default);
        }

        await _store.OpenAsync(Interval("2a", "a", "u2"), default);
        await _store.TakeEditAsync(Edit("b", "allergies", "l1", 1), 0, [], default);
        await _store.TakeEditAsync(Edit("d", "allergies", "l1", 1), 0, [], default);
        await _store.TakeEditAsync(Edit("free", "allergies", "l1", 1), 0, [], default);
        await _store.EndEditAsync(Chart("free"), "allergies", "l1", [], default);
        await _store.OpenAsync(Interval("closed", "closed", "u1"), default);
        await _store.CloseAsync([new AccessEnd("closed", Start, "user")], default);

        var found = new List<TopicId>();
        for (var page = await _store.FindUnsettledAsync("", 2, default); page.Count > 0; page = await _store.FindUnsettledAsync(found[^1].Key, 2, default))
        {
            Assert.InRange(page.Count, 1, 2);
            found.AddRange(page);
        }

        Assert.Equal(found.OrderBy(t => t.Key, StringComparer.Ordinal), found);
        Assert.Equal(new[] { "a", "b", "C", "d", "ü" }.Select(Chart).ToHashSet(), found.ToHashSet());
        Assert.Equal(5, found.Count);
    }

    [Fact]
    public async Task The_alive_mark_is_absent_at_first_and_never_goes_back()
    {
        Assert.Null(await _store.ReadAliveMarkAsync(default));

        await _store.WriteAliveMarkAsync(Start, default);
        await _store.WriteAliveMarkAsync(Start.AddSeconds(-5), default);
        Assert.Equal(Start, await _store.ReadAliveMarkAsync(default));

        await _store.WriteAliveMarkAsync(Start.AddSeconds(5), default);
        Assert.Equal(Start.AddSeconds(5), await _store.ReadAliveMarkAsync(default));
    }

    private static TopicId Chart(string patient) => TopicId.ForPatient("north", patient);

    private static AccessInterval Interval(string id, string patient, string user) => new(id, Chart(patient), user, "Dr. " + user, null, Start);

    private static StoredEdit Edit(string patient, string section, string lease, long fence) =>
        new(Chart(patient), section, lease, fence, "c1", "u1", "Dr. u1", Start);

    private Task<T> ScalarAsync<T>(string sql) =>
        _fresh.Database.ReadAsync(async connection => (await Dapper.SqlMapper.ExecuteScalarAsync<T>(connection, sql))!);
}

/// <summary>The chart store on PostgreSQL.</summary>
public sealed class PostgreSqlChartStoreTests() : ChartStoreTests(StorageProvider.PostgreSql);

/// <summary>The chart store on SQLite.</summary>
public sealed class SqliteChartStoreTests() : ChartStoreTests(StorageProvider.Sqlite);
