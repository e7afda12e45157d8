using System.Net;
using Clinic.Charts;
using Clinic.Records;
using Clinic.Security;
using Clinic.Storage;
using Clinic.Topics;
using Dapper;

namespace Clinic.Patients;

/// <summary>A thousand writers would be in the way of other tests.</summary>
[CollectionDefinition(nameof(ChartRaceTests), DisableParallelization = true)]
public sealed class ChartRaceAlone;

[Collection(nameof(ChartRaceTests))]
public sealed class ChartRaceOnSqliteTests(SqliteRecordApp app) : ChartRaceTests(app), IClassFixture<SqliteRecordApp>;

[Collection(nameof(ChartRaceTests))]
public sealed class ChartRaceOnPostgreSqlTests(PostgreSqlRecordApp app) : ChartRaceTests(app), IClassFixture<PostgreSqlRecordApp>;

/// <summary>Edits that begin, are taken over and end while others write.</summary>
public abstract class ChartRaceTests(RecordApp app)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly string _tenant = RecordApp.NewTenant();
    private readonly ChartStore _charts = new(app.Database, app.Time);

    private TopicId Chart => TopicId.ForPatient(_tenant, "p1");

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Who_takes_a_section_waits_for_the_write_that_is_in_it(long fence)
    {
        if (fence > 0)
        {
            Assert.True(await _charts.TakeEditAsync(EditOf("ada", 1), 0, [], CancellationToken.None));
        }

        Task<bool>? take = null;
        await app.Service<RecordWriter>().WriteAsync(
            new Caller(_tenant, "ada", "Ada", [], false),
            async record =>
            {
                Assert.Null(await ChartSection.EnterAsync(record, Chart, "vitals", fence > 0 ? "lease of ada" : null));
                take = Task.Run(() => _charts.TakeEditAsync(EditOf("bob", fence + 1), fence, [Draft("edit:started")], CancellationToken.None));
                await WaitUntilBlockedAsync();
                Assert.False(take.IsCompleted);
                record.Emit(Chart, "vitals:updated", new { });
                return true;
            },
            CancellationToken.None);

        Assert.True(await take!.WaitAsync(Patience));
        await app.ExpectEventsAsync(_tenant, "patient:p1 vitals:updated", "patient:p1 edit:started");
        var late = await app.As(_tenant, "ada").PatchAsync("/api/patients/p1/vitals", """{"weight":70}""", lease: "lease of ada");
        late.ExpectProblem(HttpStatusCode.Conflict, "conflict");
        Assert.Equal("bob", (string?)late.Json["heldBy"]!["user"]);
    }

    [Fact]
    public async Task A_thousand_writers_against_one_section_see_one_holder_at_a_time()
    {
        const int Writers = 1000;
        const int Rounds = 1;
        // As from a silo: editors don't queue for the connections that the writers share. SQLite has one process, and one writer in it.
        await using var silo = app.Provider == StorageProvider.PostgreSql ? new ClinicDatabase(app.DatabaseOptions) : null;
        var run = new ChartRace(app, _tenant, Chart, new ChartStore(silo ?? app.Database, app.Time));
        using var over = new CancellationTokenSource();
        var editors = Enumerable.Range(0, 3).Select(e => run.EditAsync(e, over.Token)).ToArray();

        await Task.WhenAll(Enumerable.Range(0, Writers).Select(w => run.WriteAsync(w, Rounds))).WaitAsync(TimeSpan.FromMinutes(4));
        await over.CancelAsync();
        await Task.WhenAll(editors).WaitAsync(Patience);

        await run.JudgeAsync(Writers * Rounds);
    }

    private StoredEdit EditOf(string user, long fence) => new(Chart, "vitals", $"lease of {user}", fence, "c1", user, user, app.Time.GetUtcNow());

    private static EventDraft Draft(string type) => new(type, null, "{}"u8.ToArray(), null);

    /// <summary>On PostgreSQL: until somebody waits for a lock. On SQLite writes take turns before they begin.</summary>
    private async Task WaitUntilBlockedAsync()
    {
        const string Sql = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
        var deadline = Task.Delay(Patience);
        // Each time on a connection of its own: within a transaction the answer stays what it was at first.
        while (app.Provider == StorageProvider.PostgreSql && await app.Database.ReadAsync(c => c.ExecuteScalarAsync<long>(Sql)) == 0)
        {
            Assert.False(deadline.IsCompleted, "The edit never waited for the write.");
        }
    }
}
