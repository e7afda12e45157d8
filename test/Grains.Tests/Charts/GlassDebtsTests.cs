using System.Collections.Concurrent;
using Clinic.Databases;
using Clinic.Presence;
using Clinic.Storage;
using Clinic.Topics;
using Dapper;
using Microsoft.Extensions.Time.Testing;

namespace Clinic.Charts;

/// <summary>That whoever answers for privacy hears of an opening in the end, when it was not known at once who that is; run on each database.</summary>
public abstract class GlassDebtsTests(StorageProvider provider) : IAsyncLifetime
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 8, 0, 0, TimeSpan.Zero);
    private readonly FakeTimeProvider _time = new(Start);
    private readonly ConcurrentQueue<TopicId> _told = new();
    private FreshDatabase _fresh = null!;
    private ChartStore _store = null!;
    private PresenceSnapshot _present = TestGlass.Present();

    public async Task InitializeAsync()
    {
        _fresh = await FreshDatabase.CreateAsync(provider);
        _store = new ChartStore(_fresh.Database, _time);
    }

    public async Task DisposeAsync() => await _fresh.DisposeAsync();

    [Fact]
    public async Task An_officer_whom_the_clinic_did_not_name_in_time_hears_of_it_when_it_does_and_the_others_not_again()
    {
        await OpenAsync("i1", new Officers(["olga"], IsWhole: false));
        var debts = Debts("olga");

        _present = TestGlass.Present(("pia", true)) with { Complete = false };
        await debts.PayAsync(default);
        Assert.Equal(["olga"], await NotifiedAsync());

        _present = TestGlass.Present(("pia", true), ("ben", false));
        await debts.PayAsync(default);
        Assert.Equal(["olga", "pia"], await NotifiedAsync());
        Assert.Equal([TopicId.ForUser("north", "pia")], _told);

        _present = TestGlass.Present(("pia", true), ("quin", true));
        await debts.PayAsync(default);
        Assert.Equal(["olga", "pia"], await NotifiedAsync());
    }

    [Fact]
    public async Task With_nobody_to_notify_it_waits_for_the_first_who_comes_but_not_for_the_one_it_is_about()
    {
        await OpenAsync("i1", new Officers([], IsWhole: false));
        var debts = Debts();
        _present = TestGlass.Present(("ann", true));
        await debts.PayAsync(default);
        Assert.Empty(await NotifiedAsync());
        _present = TestGlass.Present(("ann", true), ("pia", true));
        await debts.PayAsync(default);
        Assert.Equal(["pia"], await NotifiedAsync());
    }

    [Fact]
    public async Task What_is_whole_is_not_owed()
    {
        await OpenAsync("i1", new Officers(["olga"], IsWhole: true));
        _present = TestGlass.Present(("pia", true));
        await Debts().PayAsync(default);
        Assert.Equal(["olga"], await NotifiedAsync());
    }

    [Fact]
    public async Task An_opening_that_is_said_again_is_owed_once()
    {
        await OpenAsync("i1", new Officers([], IsWhole: false));
        await OpenAsync("i1", new Officers([], IsWhole: false));
        _present = TestGlass.Present(("pia", true));
        await Debts().PayAsync(default);
        Assert.Equal(["pia"], await NotifiedAsync());
    }

    [Fact]
    public async Task A_clinic_that_does_not_answer_keeps_no_other_from_being_paid()
    {
        await OpenAsync("i1", new Officers([], IsWhole: false));
        await OpenAsync("i2", new Officers([], IsWhole: false), "south");
        _present = TestGlass.Present(("pia", true));
        await Debts(silent: "north").PayAsync(default);
        Assert.Equal([TopicId.ForUser("south", "pia")], _told);
    }

    private GlassDebts Debts(string? named = null, string? silent = null) => new(
        _fresh.Database,
        TestGlass.Make(
            _time,
            named is null ? null : [named],
            clinic => clinic.Tenant == silent ? Task.FromException<PresenceSnapshot>(new TimeoutException()) : Task.FromResult(_present),
            _told),
        _time);

    private Task OpenAsync(string id, Officers officers, string clinic = "north") => _store.BreakGlassAsync(
        new AccessInterval(id, TopicId.ForPatient(clinic, "p"), "ann", "Dr. Ann", "emergency", Start, BreakGlass: true), officers, default);

    private async Task<List<string>> NotifiedAsync() =>
        [.. await _fresh.Database.ReadAsync(c => c.QueryAsync<string>("select user_id from notification order by user_id"))];
}

/// <summary>On PostgreSQL.</summary>
public sealed class PostgreSqlGlassDebtsTests() : GlassDebtsTests(StorageProvider.PostgreSql);

/// <summary>On SQLite.</summary>
public sealed class SqliteGlassDebtsTests() : GlassDebtsTests(StorageProvider.Sqlite);
