using Clinic.Databases;
using Clinic.Storage;
using Clinic.Topics;
using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Clinic.Charts;

/// <summary>The access log as a chain, and what is found when somebody changes it by hand; run on each database.</summary>
public abstract class AccessLogTests(StorageProvider provider) : IAsyncLifetime
{
    private const string Clinic = "north";
    private static readonly DateTimeOffset Start = new DateTimeOffset(2026, 3, 1, 8, 0, 0, TimeSpan.Zero).AddTicks(1_234_567);
    private readonly FakeTimeProvider _time = new(Start);
    private FreshDatabase _fresh = null!;
    private ChartStore _store = null!;
    private AccessVerifier _verifier = null!;

    public async Task InitializeAsync()
    {
        _fresh = await FreshDatabase.CreateAsync(provider);
        _store = new ChartStore(_fresh.Database, _time);
        _verifier = new AccessVerifier(_fresh.Database);
    }

    public async Task DisposeAsync() => await _fresh.DisposeAsync();

    [Fact]
    public async Task A_log_that_nobody_touched_is_intact()
    {
        await FillAsync();
        var verdict = await _verifier.VerifyAsync(Clinic, null);
        Assert.Null(verdict.Fault);
        Assert.Equal(6, verdict.Entries);
        Assert.Equal(["north", "south"], await _verifier.ClinicsAsync());
        Assert.Equal((1, null), Short(await _verifier.VerifyAsync("south", null)));
        Assert.Equal((0, null), Short(await _verifier.VerifyAsync("nowhere", null)));
    }

    [Theory]
    // Entries: changed, each field.
    [InlineData("update access_entry set kind = 'seen' where tenant = 'north' and sequence = 2", "entry 2: its contents")]
    [InlineData("update access_entry set interval_id = 'i9' where tenant = 'north' and sequence = 2", "entry 2: its contents")]
    [InlineData("update access_entry set patient_id = 'p9' where tenant = 'north' and sequence = 2", "entry 2: its contents")]
    [InlineData("update access_entry set user_id = 'u9' where tenant = 'north' and sequence = 2", "entry 2: its contents")]
    [InlineData("update access_entry set name = 'Dr. Nobody' where tenant = 'north' and sequence = 1", "entry 1: its contents")]
    [InlineData("update access_entry set reason = null where tenant = 'north' and sequence = 1", "entry 1: its contents")]
    [InlineData("update access_entry set reason = '' where tenant = 'north' and sequence = 2", "entry 2: its contents")]
    [InlineData("update access_entry set at = recorded_at where tenant = 'north' and sequence = 4", "entry 4: its contents")]
    [InlineData("update access_entry set closed_by = 'outage' where tenant = 'north' and sequence = 4", "entry 4: its contents")]
    [InlineData("update access_entry set recorded_at = at where tenant = 'north' and sequence = 4", "entry 4: its contents")]
    [InlineData("update access_entry set hash = 'x' where tenant = 'north' and sequence = 3", "entry 3: its contents")]
    // Entries: moved, removed, inserted.
    [InlineData("update access_entry set tenant = 'south', sequence = 7 where tenant = 'north' and sequence = 5", "entry 5: it is missing")]
    [InlineData("delete from access_entry where tenant = 'north' and sequence = 1", "entry 1: it is missing")]
    [InlineData("delete from access_entry where tenant = 'north' and sequence = 3", "entry 3: it is missing")]
    [InlineData("delete from access_entry where tenant = 'north' and sequence = 6", "entry 6: it is missing; the head counts 6")]
    [InlineData("delete from access_entry where tenant = 'north'", "entry 1: it is missing; the head counts 6")]
    [InlineData("update access_entry set sequence = 0 where tenant = 'north' and sequence = 1", "entry 0: there is no such number")]
    [InlineData(
        """
        insert into access_entry (tenant, sequence, kind, interval_id, patient_id, user_id, name, at, recorded_at, hash)
        select tenant, 7, 'opened', 'forged', patient_id, user_id, name, at, recorded_at, hash from access_entry where tenant = 'north' and sequence = 6
        """,
        "entry 7: its contents")]
    // The head.
    [InlineData("update access_head set entries = 5 where tenant = 'north'", "entry 6: the head counts only 5")]
    [InlineData("update access_head set entries = 7 where tenant = 'north'", "entry 7: it is missing; the head counts 7")]
    [InlineData("update access_head set hash = 'x' where tenant = 'north'", "entry 6: its hash is not that of the head")]
    [InlineData("delete from access_head where tenant = 'north'", "entry 1: the head counts only 0")]
    // The table that queries read.
    [InlineData("update chart_access set tenant = 'south' where id = 'i2'", "entry 2: chart_access i2: tenant")]
    [InlineData("update chart_access set patient_id = 'p9' where id = 'i2'", "entry 2: chart_access i2: patient_id")]
    [InlineData("update chart_access set topic = 'x' where id = 'i2'", "entry 2: chart_access i2: topic")]
    [InlineData("update chart_access set user_id = 'u9' where id = 'i2'", "entry 2: chart_access i2: user_id")]
    [InlineData("update chart_access set name = 'Dr. Nobody' where id = 'i2'", "entry 2: chart_access i2: name")]
    [InlineData("update chart_access set reason = null where id = 'i1'", "entry 1: chart_access i1: reason")]
    [InlineData("update chart_access set break_glass = (1 = 1) where id = 'i1'", "entry 1: chart_access i1: break_glass")]
    [InlineData("update chart_access set break_glass = (1 = 0) where id = 'i3'", "entry 3: chart_access i3: break_glass")]
    [InlineData("update chart_access set reason = 'ward round' where id = 'i3'", "entry 3: chart_access i3: reason")]
    [InlineData("update access_entry set kind = 'opened' where tenant = 'north' and sequence = 3", "entry 3: its contents")]
    [InlineData("update access_entry set reason = 'ward round' where tenant = 'north' and sequence = 3", "entry 3: its contents")]
    [InlineData("update chart_access set opened_at = closed_at where id = 'i2'", "entry 2: chart_access i2: opened_at")]
    [InlineData("update chart_access set closed_at = opened_at where id = 'i2'", "entry 4: chart_access i2: closed_at")]
    [InlineData("update chart_access set closed_at = null, closed_by = null where id = 'i2'", "entry 4: chart_access i2: closed_at")]
    [InlineData("update chart_access set closed_by = 'outage' where id = 'i2'", "entry 4: chart_access i2: closed_by")]
    [InlineData("update chart_access set closed_at = opened_at, closed_by = 'user' where id = 'i1'", "chart_access i1: it is closed, and no entry")]
    [InlineData("delete from chart_access where id = 'i2'", "entry 2: chart_access i2: it is missing")]
    [InlineData("update chart_access set id = 'i9' where id = 'i2'", "entry 2: chart_access i2: it is missing")]
    [InlineData(
        """
        insert into chart_access (id, tenant, patient_id, topic, user_id, name, opened_at)
        select 'forged', tenant, patient_id, topic, 'u9', name, opened_at from chart_access where id = 'i1'
        """,
        "chart_access forged: no entry tells of it")]
    public async Task What_was_changed_by_hand_is_found_and_named(string sql, string fault)
    {
        await FillAsync();
        await TamperAsync(sql);
        var verdict = await _verifier.VerifyAsync(Clinic, null);
        Assert.StartsWith(fault, verdict.Fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("update access_entry set name = 'x'")]
    [InlineData("delete from access_entry")]
    public async Task The_database_itself_refuses_to_change_an_entry(string sql)
    {
        await FillAsync();
        var e = await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => ExecuteAsync(sql));
        Assert.Contains("append-only", e.Message, StringComparison.Ordinal);
        Assert.Null((await _verifier.VerifyAsync(Clinic, null)).Fault);
    }

    [Fact]
    public async Task Who_takes_the_newest_away_everywhere_is_found_by_a_head_that_was_kept()
    {
        await FillAsync();
        var kept = (await _verifier.VerifyAsync(Clinic, null)).Head;
        await TamperAsync(
            """
            delete from access_entry where tenant = 'north' and sequence = 6;
            delete from chart_access where id = 'i4';
            update access_head set entries = 5, hash = (select hash from access_entry where tenant = 'north' and sequence = 5) where tenant = 'north';
            """);

        Assert.Null((await _verifier.VerifyAsync(Clinic, null)).Fault);
        Assert.StartsWith("no entry has the head that was kept", (await _verifier.VerifyAsync(Clinic, kept)).Fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_head_that_was_kept_is_still_in_a_log_that_went_on()
    {
        var before = (await _verifier.VerifyAsync(Clinic, null)).Head;
        await FillAsync();
        var kept = (await _verifier.VerifyAsync(Clinic, null)).Head;
        await OpenAsync("i5", "p1", "u1");
        Assert.Null((await _verifier.VerifyAsync(Clinic, kept)).Fault);
        Assert.Null((await _verifier.VerifyAsync(Clinic, before)).Fault);
        Assert.NotNull((await _verifier.VerifyAsync("south", kept)).Fault);
    }

    [Fact]
    public async Task Opening_and_closing_that_are_said_again_are_entered_once()
    {
        for (var i = 0; i < 3; i++)
        {
            await OpenAsync("i1", "p1", "u1");
        }

        for (var i = 0; i < 3; i++)
        {
            await CloseAsync("i1", "unknown");
            await OpenAsync("i1", "p1", "u1");
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal((2, null), Short(await _verifier.VerifyAsync(Clinic, null)));
    }

    [Fact]
    public async Task A_write_that_fails_after_its_row_leaves_neither_row_nor_entry()
    {
        await FillAsync();
        // Somebody sits on the number of the next entry: the last statement of the transaction fails.
        await ExecuteAsync(
            """
            insert into access_entry (tenant, sequence, kind, interval_id, patient_id, user_id, name, at, recorded_at, hash)
            select tenant, 7, 'opened', 'forged', patient_id, user_id, name, at, recorded_at, hash from access_entry where tenant = 'north' and sequence = 6
            """);
        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => OpenAsync("i5", "p1", "u1"));
        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => CloseAsync("i1"));
        await TamperAsync("delete from access_entry where tenant = 'north' and sequence = 7");

        Assert.Equal((6, null), Short(await _verifier.VerifyAsync(Clinic, null)));
        await OpenAsync("i5", "p1", "u1");
        await CloseAsync("i1");
        Assert.Equal((8, null), Short(await _verifier.VerifyAsync(Clinic, null)));
    }

    [Fact]
    public async Task Many_charts_of_one_clinic_opened_and_closed_at_once_make_one_chain()
    {
        const int Charts = 24;
        await using var other = new ClinicDatabase(_fresh.Options);
        ChartStore[] silos = [_store, new ChartStore(other, _time)];
        var verifying = Task.Run(async () =>
        {
            for (var i = 0; i < 20; i++)
            {
                Assert.Null((await _verifier.VerifyAsync(Clinic, null)).Fault);
            }
        });
        await Task.WhenAll(Enumerable.Range(0, Charts).Select(i => Task.Run(async () =>
        {
            var interval = Interval($"i{i}", $"p{i}", "u1");
            // Both silos say it, as after a lost answer.
            await Task.WhenAll(silos.Select(s => s.OpenAsync(interval, default)));
            await Task.WhenAll(silos.Select(s => s.CloseAsync([End($"i{i}"), End($"i{(i + 1) % Charts}")], default)));
        })));
        await verifying;

        var (entries, fault) = Short(await _verifier.VerifyAsync(Clinic, null));
        Assert.Null(fault);
        Assert.Equal(2 * Charts, entries);
    }

    [Fact]
    public async Task Intervals_of_an_earlier_version_are_entered_by_the_upgrade()
    {
        await using var fresh = await FreshDatabase.CreateEmptyAsync(provider);
        var scripts = SchemaScripts.Of(provider);
        var before = scripts.TakeWhile(s => s.Name != AccessTakeOver.Script).ToList();
        await SchemaUpgrade.RunAsync(fresh.Options, before, NullLogger.Instance, default);
        await fresh.Database.WriteAsync(t => t.Connection!.ExecuteAsync(
            """
            insert into chart_access (id, tenant, patient_id, topic, user_id, name, reason, opened_at, closed_at, closed_by)
            values (@id, @tenant, 'p1', @topic, 'u1', 'Dr. u1', null, @Start, @end, @by)
            """,
            Enumerable.Range(0, 1_100).Select(i => new
            {
                id = $"old{i}",
                tenant = i % 2 == 0 ? "north" : "south",
                topic = TopicId.ForPatient(i % 2 == 0 ? "north" : "south", "p1").Key,
                Start,
                end = i < 100 ? (DateTimeOffset?)null : Start.AddMinutes(1),
                by = i < 100 ? null : "user",
            }),
            t));

        await SchemaUpgrade.RunAsync(fresh.Options, scripts, NullLogger.Instance, default);
        await SchemaUpgrade.RunAsync(fresh.Options, scripts, NullLogger.Instance, default);

        var verifier = new AccessVerifier(fresh.Database);
        Assert.Equal((1_050, null), Short(await verifier.VerifyAsync("north", null)));
        Assert.Equal((1_050, null), Short(await verifier.VerifyAsync("south", null)));
        await new ChartStore(fresh.Database, _time).CloseAsync([End("old0")], default);
        Assert.Equal((1_051, null), Short(await verifier.VerifyAsync("north", null)));
    }

    private static (long Entries, string? Fault) Short(AccessVerdict verdict) => (verdict.Entries, verdict.Fault);

    private static AccessInterval Interval(string id, string patient, string user, string? reason = null, string tenant = Clinic) =>
        new(id, TopicId.ForPatient(tenant, patient), user, "Dr. " + user, reason, Start);

    private AccessEnd End(string id) => new(id, Start.AddMinutes(5), "user");

    /// <summary>Entries 1 to 6 of the clinic: i1, i2 opened, i3 opened with broken glass, i2, i3 closed, i4 opened; and one of another.</summary>
    private async Task FillAsync()
    {
        await OpenAsync("i1", "p1", "u1", "Visit; 'quoted' \U0001F3E5");
        await OpenAsync("i2", "p2/%", "u2");
        await _store.OpenAsync(Interval("s1", "p1", "u1", tenant: "south"), default);
        _time.Advance(TimeSpan.FromSeconds(1));
        await _store.BreakGlassAsync(Interval("i3", "p1", "u3", "") with { BreakGlass = true }, new Officers(["olga"], IsWhole: true), default);
        await CloseAsync("i3", "i2");
        await OpenAsync("i4", "p1", "u2");
    }

    private Task OpenAsync(string id, string patient, string user, string? reason = null)
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        return _store.OpenAsync(Interval(id, patient, user, reason), default);
    }

    private Task CloseAsync(params string[] ids)
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        return _store.CloseAsync([.. ids.Select(End)], default);
    }

    /// <summary>As somebody does who may do anything in the database: the triggers are no obstacle.</summary>
    private async Task TamperAsync(string sql)
    {
        await ExecuteAsync(provider == StorageProvider.PostgreSql
            ? "drop trigger if exists access_entry_append_only on access_entry"
            : "drop trigger if exists access_entry_append_only_update; drop trigger if exists access_entry_append_only_delete");
        Assert.NotEqual(0, await ExecuteAsync(sql));
    }

    private Task<int> ExecuteAsync(string sql) => _fresh.Database.WriteAsync(t => t.Connection!.ExecuteAsync(sql, transaction: t));
}

/// <summary>The access log on PostgreSQL.</summary>
public sealed class PostgreSqlAccessLogTests() : AccessLogTests(StorageProvider.PostgreSql);

/// <summary>The access log on SQLite.</summary>
public sealed class SqliteAccessLogTests() : AccessLogTests(StorageProvider.Sqlite);
