using Clinic.Security;
using Clinic.Topics;
using Dapper;

namespace Clinic.Records;

public sealed class RecordWriterOnSqliteTests(SqliteRecordApp app) : RecordWriterTests(app), IClassFixture<SqliteRecordApp>;

public sealed class RecordWriterOnPostgreSqlTests(PostgreSqlRecordApp app) : RecordWriterTests(app), IClassFixture<PostgreSqlRecordApp>
{
    [Fact]
    public async Task A_connection_that_dies_in_the_middle_leaves_nothing_and_the_next_write_works()
    {
        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => Writer.WriteAsync(
            Caller,
            async record =>
            {
                await AddUnreadAsync(record);
                record.Emit(TopicId.ForTenant(Tenant), "x:y", new { });
                var process = await record.FindAsync<int>("select pg_backend_pid()", new { });
                await App.Database.ReadAsync(c => c.ExecuteScalarAsync<bool>("select pg_terminate_backend(@process, 5000)", new { process }));
                return true;
            },
            CancellationToken.None));

        Assert.Equal(0, await App.CountAsync("unread", Tenant));
        Assert.Empty(await App.EventsAsync(Tenant));
        await Writer.WriteAsync(Caller, AddUnreadAsync, CancellationToken.None);
        Assert.Equal(1, await App.CountAsync("unread", Tenant));
    }
}

public abstract class RecordWriterTests
{
    protected RecordWriterTests(RecordApp app)
    {
        App = app;
        Tenant = RecordApp.NewTenant();
        Caller = new Caller(Tenant, "ada", "Ada", [], false);
        Writer = app.Service<RecordWriter>();
    }

    private protected RecordApp App { get; }

    private protected string Tenant { get; }

    private protected Caller Caller { get; }

    private protected RecordWriter Writer { get; }

    [Fact]
    public async Task Events_are_stored_in_their_order_and_their_topics_told_once()
    {
        var user = TopicId.ForUser(Tenant, "u/1");
        var clinic = TopicId.ForTenant(Tenant);
        await Writer.WriteAsync(
            Caller,
            record =>
            {
                for (var i = 0; i < 250; i++)
                {
                    record.Emit(i % 2 == 0 ? user : clinic, "x:y", new { Number = i, Text = "é🩺'\"\0", At = record.Now });
                }

                return Task.FromResult(true);
            },
            CancellationToken.None);

        var events = await App.EventsAsync(Tenant);
        Assert.Equal(Enumerable.Range(0, 250), events.Select(e => (int)e.Json["number"]!));
        Assert.Equal("é🩺'\"\0", (string?)events[0].Json["text"]);
        Assert.Equal("2031-05-06T07:08:09.123Z", (string?)events[0].Json["at"]);
        await WaitUntilDrainedAsync(user, clinic);
        Assert.Equal(2, App.Drained.Count(t => t.Tenant == Tenant));
    }

    [Fact]
    public async Task A_write_that_throws_leaves_nothing_and_tells_nobody()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => Writer.WriteAsync<bool>(
            Caller,
            async record =>
            {
                await AddUnreadAsync(record);
                record.Emit(TopicId.ForTenant(Tenant), "x:y", new { });
                throw new InvalidOperationException();
            },
            CancellationToken.None));

        await AssertNothingAsync();
    }

    [Fact]
    public async Task A_write_that_is_not_kept_leaves_nothing_and_tells_nobody()
    {
        Assert.False(await Writer.WriteAsync(
            Caller,
            async record =>
            {
                await AddUnreadAsync(record);
                record.Emit(TopicId.ForTenant(Tenant), "x:y", new { });
                return false;
            },
            kept => kept,
            CancellationToken.None));

        await AssertNothingAsync();
    }

    private protected static async Task<bool> AddUnreadAsync(RecordTransaction record) =>
        await record.ExecuteAsync(
            "insert into unread (tenant, user_id, messages, notifications) values (@Tenant, @User, 1, 0)", new { record.Tenant, record.User }) == 1;

    private async Task AssertNothingAsync()
    {
        Assert.Equal(0, await App.CountAsync("unread", Tenant));
        Assert.Empty(await App.EventsAsync(Tenant));
        Assert.DoesNotContain(App.Drained, t => t.Tenant == Tenant);
    }

    private async Task WaitUntilDrainedAsync(params TopicId[] topics)
    {
        foreach (var topic in topics)
        {
            await App.WaitForDrainAsync(topic);
        }
    }
}
