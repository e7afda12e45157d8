using System.Net;
using Clinic.Storage;
using Dapper;
using Microsoft.Extensions.Logging.Abstractions;

namespace Clinic.Records;

public sealed class IdempotencyOnSqliteTests(SqliteRecordApp app) : IdempotencyTests(app), IClassFixture<SqliteRecordApp>;

public sealed class IdempotencyOnPostgreSqlTests(PostgreSqlRecordApp app) : IdempotencyTests(app), IClassFixture<PostgreSqlRecordApp>;

public abstract class IdempotencyTests
{
    private const string Path = "/api/appointments";
    private const string Body = """{"patientId":"p1","providerId":"d1","startsAt":"2031-06-01T09:30:00Z","durationMinutes":30,"reason":"é"}""";

    private readonly RecordApp _app;
    private readonly string _tenant = RecordApp.NewTenant();
    private readonly RecordClient _ada;
    private readonly IdempotencyStore _store;

    protected IdempotencyTests(RecordApp app)
    {
        _app = app;
        _ada = app.As(_tenant, "ada");
        _store = app.Service<IdempotencyStore>();
    }

    [Fact]
    public async Task A_repeat_answers_what_the_first_answered_and_does_nothing()
    {
        var first = (await _ada.PostAsync(Path, Body, "k")).Expect(HttpStatusCode.Created);
        (await _ada.PatchAsync($"{Path}/{first.Id}", """{"reason":"changed since"}""")).Expect(HttpStatusCode.OK);
        var events = (await _app.EventsAsync(_tenant)).Count;

        var repeat = await _ada.PostAsync(Path, Body, "k");

        Assert.False(first.Replayed);
        Assert.Equal(first with { Replayed = true }, repeat);
        Assert.Equal(1, await _app.CountAsync("appointment", _tenant));
        Assert.Equal(events, (await _app.EventsAsync(_tenant)).Count);
    }

    [Fact]
    public async Task An_answer_without_a_body_is_repeated_too()
    {
        var id = (await _ada.PostAsync(Path, Body)).Id;

        var first = (await _ada.DeleteAsync($"{Path}/{id}", "k")).Expect(HttpStatusCode.NoContent);

        Assert.Equal(first with { Replayed = true }, await _ada.DeleteAsync($"{Path}/{id}", "k"));
    }

    [Fact]
    public async Task Without_a_key_nothing_is_remembered()
    {
        await _ada.PostAsync(Path, Body);
        await _ada.PostAsync(Path, Body);

        Assert.Equal(2, await _app.CountAsync("appointment", _tenant));
        Assert.Equal(0, await _app.CountAsync("idempotency", _tenant));
    }

    [Fact]
    public async Task The_same_key_with_another_body_is_refused()
    {
        await _ada.PostAsync(Path, Body, "k");

        (await _ada.PostAsync(Path, Body + " ", "k")).ExpectProblem(HttpStatusCode.UnprocessableEntity, "invalid");

        Assert.Equal(1, await _app.CountAsync("appointment", _tenant));
    }

    [Fact]
    public async Task A_key_counts_within_clinic_user_and_route()
    {
        var id = (await _ada.PostAsync(Path, Body, "k")).Expect(HttpStatusCode.Created).Id;

        (await _app.As(_tenant, "bob").PostAsync(Path, Body, "k")).Expect(HttpStatusCode.Created);
        (await _app.As(RecordApp.NewTenant(), "ada").PostAsync(Path, Body, "k")).Expect(HttpStatusCode.Created);
        (await _ada.PatchAsync($"{Path}/{id}/status", """{"status":"confirmed"}""", "k")).Expect(HttpStatusCode.OK);
        (await _ada.PatchAsync($"{Path}/{id}", """{"reason":"x"}""", "k")).Expect(HttpStatusCode.OK);
        (await _ada.DeleteAsync($"{Path}/{id}", "k")).Expect(HttpStatusCode.NoContent);

        Assert.Equal(2, await _app.CountAsync("appointment", _tenant));
    }

    [Fact]
    public async Task Of_many_repeats_at_once_one_is_done()
    {
        var replies = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => _ada.PostAsync(Path, Body, "k")));

        var first = Assert.Single(replies, r => r.Status == HttpStatusCode.Created && !r.Replayed);
        foreach (var other in replies.Where(r => r != first))
        {
            if (other.Replayed)
            {
                Assert.Equal(first with { Replayed = true }, other);
            }
            else
            {
                other.ExpectProblem(HttpStatusCode.Conflict, "conflict");
                Assert.Equal("1", other.RetryAfter);
            }
        }

        Assert.Equal(1, await _app.CountAsync("appointment", _tenant));
        Assert.Single(await _app.EventsAsync(_tenant));
    }

    [Theory]
    [InlineData("{}", HttpStatusCode.BadRequest)]
    [InlineData("{", HttpStatusCode.BadRequest)]
    public async Task A_refused_body_leaves_its_key_free(string body, HttpStatusCode status)
    {
        (await _ada.PostAsync(Path, body, "k")).Expect(status);

        (await _ada.PostAsync(Path, Body, "k")).Expect(HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_refused_write_leaves_its_key_free()
    {
        const string Thread = """{"id":"t1","subject":"s","participants":[]}""";
        (await _app.As(_tenant, "bob").PostAsync("/api/messaging", Thread)).Expect(HttpStatusCode.Created);

        (await _ada.PostAsync("/api/messaging", Thread, "k")).Expect(HttpStatusCode.Conflict);

        Assert.Equal(0, await _app.CountAsync("idempotency", _tenant));
        (await _ada.PostAsync("/api/messaging", """{"id":"t2","subject":"s","participants":[]}""", "k")).Expect(HttpStatusCode.Created);
    }

    [Fact]
    public async Task What_a_crash_left_under_way_counts_for_a_minute()
    {
        var key = KeyOf("k");
        Assert.Equal(ReservationOutcome.Reserved, (await _store.ReserveAsync(key, CancellationToken.None)).Outcome);

        var meanwhile = await _ada.PostAsync(Path, Body, "k");
        meanwhile.ExpectProblem(HttpStatusCode.Conflict, "conflict");
        Assert.Equal("1", meanwhile.RetryAfter);
        (await _ada.PostAsync(Path, Body + " ", "k")).Expect(HttpStatusCode.UnprocessableEntity);

        _app.Time.Advance(IdempotencyStore.ReservationLifetime);
        var done = (await _ada.PostAsync(Path, Body, "k")).Expect(HttpStatusCode.Created);
        Assert.False(done.Replayed);
        Assert.Equal(done with { Replayed = true }, await _ada.PostAsync(Path, Body, "k"));
    }

    [Fact]
    public async Task What_was_under_way_before_the_only_process_started_is_free_at_once_and_an_answer_stays()
    {
        await _store.ReserveAsync(KeyOf("k"), CancellationToken.None);
        var done = await _store.ReserveAsync(KeyOf("done"), CancellationToken.None);
        await FinishAsync(KeyOf("done"), done.Mark!);
        _app.Time.Advance(TimeSpan.FromMilliseconds(1));
        var restarted = new IdempotencyStore(_app.Database, _app.Time, NullLogger<IdempotencyStore>.Instance);

        // On PostgreSQL another process may still be at it.
        Assert.Equal(
            _app.Provider == StorageProvider.Sqlite ? ReservationOutcome.Reserved : ReservationOutcome.UnderWay,
            (await restarted.ReserveAsync(KeyOf("k"), CancellationToken.None)).Outcome);
        Assert.Equal(ReservationOutcome.UnderWay, (await restarted.ReserveAsync(KeyOf("k"), CancellationToken.None)).Outcome);
        Assert.Equal(ReservationOutcome.Answered, (await restarted.ReserveAsync(KeyOf("done"), CancellationToken.None)).Outcome);
    }

    [Fact]
    public async Task A_write_whose_key_was_taken_over_is_undone()
    {
        var key = KeyOf("k");
        var slow = await _store.ReserveAsync(key, CancellationToken.None);
        _app.Time.Advance(IdempotencyStore.ReservationLifetime);
        var other = await _store.ReserveAsync(key, CancellationToken.None);

        Assert.Equal(ReservationOutcome.Reserved, other.Outcome);
        Assert.False(await FinishAsync(key, slow.Mark!));
        await _store.ReleaseAsync(key, slow.Mark!);
        Assert.True(await FinishAsync(key, other.Mark!));
        Assert.Equal(ReservationOutcome.Answered, (await _store.ReserveAsync(key, CancellationToken.None)).Outcome);
    }

    [Fact]
    public async Task A_release_after_the_commit_leaves_the_answer()
    {
        var key = KeyOf("k");
        var reservation = await _store.ReserveAsync(key, CancellationToken.None);
        await FinishAsync(key, reservation.Mark!);

        await _store.ReleaseAsync(key, reservation.Mark!);

        Assert.Equal(ReservationOutcome.Answered, (await _store.ReserveAsync(key, CancellationToken.None)).Outcome);
    }

    [Fact]
    public async Task An_answer_is_remembered_for_a_day_and_then_swept()
    {
        var first = (await _ada.PostAsync(Path, Body, "k")).Expect(HttpStatusCode.Created);
        _app.Time.Advance(IdempotencyStore.Remember - TimeSpan.FromMilliseconds(1));
        await _store.ExpireAsync(1000, CancellationToken.None);
        Assert.True((await _ada.PostAsync(Path, Body, "k")).Replayed);

        _app.Time.Advance(TimeSpan.FromMilliseconds(1));
        await _store.ExpireAsync(1000, CancellationToken.None);
        Assert.Equal(0, await _app.CountAsync("idempotency", _tenant));
        Assert.NotEqual(first.Id, (await _ada.PostAsync(Path, Body, "k")).Expect(HttpStatusCode.Created).Id);
    }

    [Theory]
    [InlineData("")]
    [InlineData("129")]
    public async Task A_key_has_a_length(string key)
    {
        key = key.Length == 0 ? key : new string('k', int.Parse(key, System.Globalization.CultureInfo.InvariantCulture));
        (await _ada.PostAsync(Path, Body, key)).ExpectProblem(HttpStatusCode.BadRequest, "invalid", "Idempotency-Key");
        (await _ada.PostAsync(Path, Body, new string('k', 128))).Expect(HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_write_that_fails_leaves_neither_record_nor_event_nor_key()
    {
        await using (await RefuseEventsAsync())
        {
            (await _ada.PostAsync(Path, Body, "k")).Expect(HttpStatusCode.InternalServerError);

            Assert.Equal(0, await _app.CountAsync("appointment", _tenant));
            Assert.Equal(0, await _app.CountAsync("idempotency", _tenant));
            Assert.Empty(await _app.EventsAsync(_tenant));
        }

        (await _ada.PostAsync(Path, Body, "k")).Expect(HttpStatusCode.Created);
    }

    /// <summary>The real database refuses this clinic's events until the answer is disposed.</summary>
    private async Task<IAsyncDisposable> RefuseEventsAsync()
    {
        var topic = Topics.TopicId.ForTenant(_tenant).Key;
        var name = $"refuse_{Guid.NewGuid():N}";
        var (make, drop) = _app.Provider == StorageProvider.PostgreSql
            ? ($"alter table pending_event add constraint {name} check (topic <> '{topic}') not valid", $"alter table pending_event drop constraint {name}")
            : ($"create trigger {name} before insert on pending_event when new.topic = '{topic}' begin select raise(abort, 'refused'); end", $"drop trigger {name}");
        await RunAsync(make);
        return new Undo(() => RunAsync(drop));

        Task<int> RunAsync(string sql) => _app.Database.WriteAsync(t => t.Connection!.ExecuteAsync(sql, transaction: t));
    }

    private Task<bool> FinishAsync(IdempotencyKey key, string mark) =>
        _app.Service<RecordWriter>().WriteAsync(
            new Security.Caller(_tenant, "ada", "Ada", [], false),
            record => IdempotencyStore.FinishAsync(record, key, mark, new StoredAnswer(204, null, null)),
            CancellationToken.None);

    /// <summary>The key that a call with <see cref="Body"/> has.</summary>
    private IdempotencyKey KeyOf(string key) =>
        new(_tenant, "ada", $"POST {Path}", key, System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(Body)));

    private sealed class Undo(Func<Task<int>> undo) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await undo();
    }
}
