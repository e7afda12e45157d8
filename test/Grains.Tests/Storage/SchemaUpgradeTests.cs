using Clinic.Databases;
using Dapper;
using DbUp.Engine;
using Microsoft.Extensions.Logging.Abstractions;

namespace Clinic.Storage;

/// <summary>The schema's upgrades, on each database.</summary>
public abstract class SchemaUpgradeTests(StorageProvider provider) : IAsyncLifetime
{
    private static readonly string[] Tables =
    [
        "installation", "topic_log", "topic_event", "used_event_id", "pending_event", "appointment", "thread", "thread_participant",
        "message", "message_read", "unread", "idempotency", "chart_access", "edit_lease", "patient", "patient_vitals",
        "patient_allergy", "patient_medication", "notification", "task", "lab_result", "patient_order",
        "access_entry", "access_head",
    ];

    private readonly IReadOnlyList<SqlScript> _scripts = SchemaScripts.Of(provider);
    private FreshDatabase _fresh = null!;

    public async Task InitializeAsync() => _fresh = await FreshDatabase.CreateEmptyAsync(provider);

    public async Task DisposeAsync() => await _fresh.DisposeAsync();

    [Fact]
    public void The_scripts_are_numbered_without_holes_and_named_alike_for_both_databases()
    {
        Assert.NotEmpty(_scripts);
        Assert.All(_scripts.Index(), s => Assert.StartsWith($"{s.Index + 1:0000}-", s.Item.Name, StringComparison.Ordinal));
        Assert.Equal(SchemaScripts.Of(StorageProvider.PostgreSql).Select(s => s.Name), SchemaScripts.Of(StorageProvider.Sqlite).Select(s => s.Name));
    }

    [Fact]
    public async Task An_empty_database_gets_all_tables_and_a_second_run_changes_nothing()
    {
        await SchemaUpgrade.RunAsync(_fresh.Options, NullLogger.Instance);
        var epoch = await ScalarAsync<string>("select epoch from installation");

        await SchemaUpgrade.RunAsync(_fresh.Options, NullLogger.Instance);

        foreach (var table in Tables)
        {
            Assert.Equal(table == "installation" ? 1 : 0, await ScalarAsync<long>($"select count(*) from {table}"));
        }

        Assert.Equal(32, epoch.Length);
        Assert.Equal(epoch, await ScalarAsync<string>("select epoch from installation"));
        Assert.Equal(_scripts.Select(s => s.Name), await JournalAsync());
    }

    [Fact]
    public async Task Each_database_has_an_epoch_of_its_own()
    {
        await using var other = await FreshDatabase.CreateAsync(provider);
        await SchemaUpgrade.RunAsync(_fresh.Options, NullLogger.Instance);

        var theirs = await other.Database.ReadAsync(c => c.ExecuteScalarAsync<string>("select epoch from installation"));

        Assert.NotEqual(theirs, await ScalarAsync<string>("select epoch from installation"));
    }

    [Fact]
    public async Task Any_earlier_version_is_upgraded_and_keeps_its_data()
    {
        for (var version = 1; version < _scripts.Count; version++)
        {
            await using var fresh = await FreshDatabase.CreateEmptyAsync(provider);
            await RunAsync(fresh, [.. _scripts.Take(version)]);
            await ExecuteAsync(fresh, "insert into OrleansQuery (QueryKey, QueryText) values ('kept', 'x')");
            var epoch = version >= 2 ? await ScalarAsync<string>("select epoch from installation", fresh) : null;

            await RunAsync(fresh, _scripts);

            Assert.Equal("x", await ScalarAsync<string>("select QueryText from OrleansQuery where QueryKey = 'kept'", fresh));
            Assert.Equal(epoch ?? await ScalarAsync<string>("select epoch from installation", fresh), await ScalarAsync<string>("select epoch from installation", fresh));
            Assert.Equal(0, await ScalarAsync<long>("select count(*) from edit_lease", fresh));
        }
    }

    [Fact]
    public async Task A_script_that_fails_in_the_middle_leaves_nothing_and_the_next_run_goes_on_there()
    {
        var broken = new SqlScript("0002-more.sql", "create table half (id text);\ninsert into half values ('x');\ninsert into nowhere values (1);");
        var e = await Assert.ThrowsAsync<StorageSetupException>(() => RunAsync(_fresh, [_scripts[0], broken]));
        Assert.Contains("0002-more.sql", e.Message, StringComparison.Ordinal);
        Assert.Equal([_scripts[0].Name], await JournalAsync());

        var mended = new SqlScript("0002-more.sql", "create table half (id text);\ninsert into half values ('y');");
        await RunAsync(_fresh, [_scripts[0], mended]);

        Assert.Equal("y", await ScalarAsync<string>("select id from half"));
        Assert.Equal([_scripts[0].Name, mended.Name], await JournalAsync());
    }

    [Fact]
    public async Task Processes_that_start_at_once_do_not_collide()
    {
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => SchemaUpgrade.RunAsync(_fresh.Options, NullLogger.Instance))));

        Assert.Equal(_scripts.Select(s => s.Name), await JournalAsync());
        Assert.Equal(1, await ScalarAsync<long>("select count(*) from installation"));
    }

    [Fact]
    public async Task An_upgrade_waits_for_the_one_of_another_process_and_can_be_cancelled_meanwhile()
    {
        using var stop = new CancellationTokenSource();
        Task waiting;
        await using (await SchemaLock.TakeAsync(provider, _fresh.Options.Complete(), TimeProvider.System, default))
        {
            waiting = Task.Run(() => SchemaUpgrade.RunAsync(_fresh.Options, NullLogger.Instance));
            var cancelled = Task.Run(() => SchemaUpgrade.RunAsync(_fresh.Options, NullLogger.Instance, stop.Token));
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
            Assert.False(waiting.IsCompleted);
        }

        await waiting.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(_scripts.Select(s => s.Name), await JournalAsync());
    }

    [Fact]
    public async Task A_database_that_is_newer_than_the_program_is_refused_and_left_as_it_is()
    {
        await RunAsync(_fresh, [.. _scripts, new SqlScript("9999-future.sql", "create table future (id text)")]);

        var e = await Assert.ThrowsAsync<StorageSetupException>(() => SchemaUpgrade.RunAsync(_fresh.Options, NullLogger.Instance));

        Assert.Contains("newer than this program", e.Message, StringComparison.Ordinal);
        Assert.Contains("9999-future.sql", e.Message, StringComparison.Ordinal);
    }

    protected Task<T> ScalarAsync<T>(string sql, FreshDatabase? from = null) =>
        (from ?? _fresh).Database.ReadAsync(async connection => (await connection.ExecuteScalarAsync<T>(sql))!);

    private static Task<int> ExecuteAsync(FreshDatabase fresh, string sql) =>
        fresh.Database.WriteAsync(transaction => transaction.Connection!.ExecuteAsync(sql, transaction: transaction));

    private static Task RunAsync(FreshDatabase fresh, IReadOnlyList<SqlScript> scripts) =>
        SchemaUpgrade.RunAsync(fresh.Options, scripts, NullLogger.Instance, default);

    private Task<IEnumerable<string>> JournalAsync() =>
        _fresh.Database.ReadAsync(connection => connection.QueryAsync<string>("select scriptname from schema_journal order by scriptname"));
}

/// <summary>The schema on PostgreSQL.</summary>
public sealed class PostgreSqlSchemaUpgradeTests() : SchemaUpgradeTests(StorageProvider.PostgreSql)
{
    [Fact]
    public async Task Every_connection_plans_its_prepared_statements_once() =>
        Assert.Equal("force_generic_plan", await ScalarAsync<string>("show plan_cache_mode"));

    [Fact]
    public async Task An_unreachable_server_is_one_clear_error_without_the_password()
    {
        var options = new StorageOptions
        {
            Provider = StorageProvider.PostgreSql,
            ConnectionString = "Host=127.0.0.1;Port=1;Username=clinic;Password=open-sesame;Database=records",
        };

        var e = await Assert.ThrowsAsync<StorageSetupException>(() => SchemaUpgrade.RunAsync(options, NullLogger.Instance));

        Assert.Contains("ConnectionStrings__Clinic", e.Message, StringComparison.Ordinal);
        Assert.Contains("127.0.0.1", e.Message, StringComparison.Ordinal);
        Assert.Contains("records", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("open-sesame", e.ToString(), StringComparison.Ordinal);
    }
}

/// <summary>The schema on SQLite.</summary>
public sealed class SqliteSchemaUpgradeTests() : SchemaUpgradeTests(StorageProvider.Sqlite)
{
    [Fact]
    public async Task Every_connection_waits_for_the_disk_and_for_other_writers_in_wal_mode()
    {
        await using var fresh = await FreshDatabase.CreateAsync(StorageProvider.Sqlite);

        Assert.Equal("wal", await ScalarAsync<string>("pragma journal_mode", fresh));
        Assert.Equal(2, await ScalarAsync<long>("pragma synchronous", fresh));
        Assert.Equal(5000, await ScalarAsync<long>("pragma busy_timeout", fresh));
    }

    [Fact]
    public async Task A_file_that_can_not_be_made_is_one_clear_error()
    {
        var options = new StorageOptions { Provider = StorageProvider.Sqlite, ConnectionString = "Data Source=/dev/null/clinic.db" };

        var e = await Assert.ThrowsAsync<StorageSetupException>(() => SchemaUpgrade.RunAsync(options, NullLogger.Instance));

        Assert.Contains("ConnectionStrings__Clinic", e.Message, StringComparison.Ordinal);
        Assert.Contains("/dev/null/clinic.db", e.Message, StringComparison.Ordinal);
    }
}
