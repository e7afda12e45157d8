using Clinic.Databases;
using Clinic.Storage;
using Clinic.Topics;
using Dapper;
using Microsoft.Extensions.Time.Testing;

namespace Clinic.Charts;

/// <summary>That the opening of a restricted chart and the notifications of it are one write; run on each database.</summary>
public abstract class BreakGlassStoreTests(StorageProvider provider) : IAsyncLifetime
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 8, 0, 0, TimeSpan.Zero);
    private readonly FakeTimeProvider _time = new(Start);
    private FreshDatabase _fresh = null!;
    private ChartStore _store = null!;

    public async Task InitializeAsync()
    {
        _fresh = await FreshDatabase.CreateAsync(provider);
        _store = new ChartStore(_fresh.Database, _time);
    }

    public async Task DisposeAsync() => await _fresh.DisposeAsync();

    [Fact]
    public async Task Each_officer_has_an_urgent_notification_with_its_events_and_count()
    {
        await _store.BreakGlassAsync(Interval("i1"), new Officers(["pia", "olga"], IsWhole: true), default);

        var rows = await QueryAsync<(string User, string Kind, string Priority, string Title, string Body, string Link, string By)>(
            "select user_id, kind, priority, title, body, link, created_by from notification order by user_id");
        const string Body = "By Dr. Ann. The reason is in the chart's access log.";
        Assert.Equal(
            [
                ("olga", "system", "urgent", "Restricted chart opened", Body, "/patients/p%2F1/access-log", "ann"),
                ("pia", "system", "urgent", "Restricted chart opened", Body, "/patients/p%2F1/access-log", "ann"),
            ],
            rows);
        var events = await QueryAsync<(string Topic, string Type, string Author)>("select topic, type, author from pending_event order by sequence");
        Assert.Equal(
            [
                (TopicId.ForUser("north", "olga").Key, "notification:new", "ann"),
                (TopicId.ForUser("north", "olga").Key, "unread:changed", "ann"),
                (TopicId.ForUser("north", "pia").Key, "notification:new", "ann"),
                (TopicId.ForUser("north", "pia").Key, "unread:changed", "ann"),
            ],
            events);
        Assert.Equal([1L, 1L], await QueryAsync<long>("select notifications from unread order by user_id"));
        // Others see the screen that it shows on.
        Assert.Equal(0, await CountAsync("pending_event where data like '%emergency%'"));
    }

    [Fact]
    public async Task Said_again_it_notifies_nobody_again()
    {
        await _store.BreakGlassAsync(Interval("i1"), new Officers(["olga"], IsWhole: true), default);
        await _store.BreakGlassAsync(Interval("i1"), new Officers(["olga", "pia"], IsWhole: true), default);
        Assert.Equal((1, 2, 1), (await CountAsync("notification"), await CountAsync("pending_event"), await CountAsync("access_entry")));
    }

    [Fact]
    public async Task When_it_can_not_be_recorded_nobody_is_notified()
    {
        // Somebody sits on the number of the entry, which is the last statement of the write.
        await ExecuteAsync(
            """
            insert into access_entry (tenant, sequence, kind, interval_id, patient_id, user_id, name, at, recorded_at, hash)
            values ('north', 1, 'opened', 'x', 'p', 'u', 'n', @Start, @Start, 'h')
            """);
        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => _store.BreakGlassAsync(Interval("i1"), new Officers(["olga"], IsWhole: true), default));
        Assert.Equal((0, 0, 0, 0), (await CountAsync("notification"), await CountAsync("pending_event"), await CountAsync("unread"), await CountAsync("chart_access")));
    }

    [Fact]
    public async Task It_is_read_as_it_was_written()
    {
        await _store.BreakGlassAsync(Interval("i1"), new Officers([], IsWhole: true), default);
        Assert.Equal([Interval("i1")], await _store.ReadOpenAsync(TopicId.ForPatient("north", "p/1"), default));
    }

    [Fact]
    public async Task The_mark_of_intervals_from_before_is_that_of_ordinary_ones()
    {
        await using var fresh = await FreshDatabase.CreateEmptyAsync(provider);
        var scripts = SchemaScripts.Of(provider);
        var before = scripts.Where(s => string.CompareOrdinal(s.Name, "0012") < 0).ToList();
        await SchemaUpgrade.RunAsync(fresh.Options, before, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, default);
        var row = new AccessRow
        {
            Id = "old", Tenant = "north", PatientId = "p", Topic = TopicId.ForPatient("north", "p").Key, UserId = "ann", Name = "Ann", Reason = "round", OpenedAt = Start,
        };
        await fresh.Database.WriteAsync(async t =>
        {
            await t.Connection!.ExecuteAsync(
                "insert into chart_access (id, tenant, patient_id, topic, user_id, name, reason, opened_at) values (@Id, @Tenant, @PatientId, @Topic, @UserId, @Name, @Reason, @OpenedAt)",
                row,
                t);
            await AccessChain.AppendAsync(t, "north", [AccessEntry.OfOpening(row, Start)], default);
            return true;
        });

        await SchemaUpgrade.RunAsync(fresh.Options, scripts, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, default);

        var verdict = await new AccessVerifier(fresh.Database).VerifyAsync("north", null);
        Assert.Equal((1, null), (verdict.Entries, verdict.Fault));
        Assert.False(Assert.Single(await new ChartStore(fresh.Database, _time).ReadOpenAsync(TopicId.ForPatient("north", "p"), default)).BreakGlass);
    }

    private static AccessInterval Interval(string id) => new(id, TopicId.ForPatient("north", "p/1"), "ann", "Dr. Ann", "emergency", Start, BreakGlass: true);

    private Task<int> ExecuteAsync(string sql) => _fresh.Database.WriteAsync(t => t.Connection!.ExecuteAsync(sql, new { Start }, t));

    private Task<long> CountAsync(string from) => _fresh.Database.ReadAsync(c => c.ExecuteScalarAsync<long>($"select count(*) from {from}"));

    private async Task<List<T>> QueryAsync<T>(string sql) => [.. await _fresh.Database.ReadAsync(c => c.QueryAsync<T>(sql))];
}

/// <summary>On PostgreSQL.</summary>
public sealed class PostgreSqlBreakGlassStoreTests() : BreakGlassStoreTests(StorageProvider.PostgreSql);

/// <summary>On SQLite.</summary>
public sealed class SqliteBreakGlassStoreTests() : BreakGlassStoreTests(StorageProvider.Sqlite);
