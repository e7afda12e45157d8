using System.Net;
using Clinic.Records;
using Dapper;

namespace Clinic.Messaging;

public sealed class UnreadCountsOnSqliteTests(SqliteRecordApp app) : UnreadCountsTests(app), IClassFixture<SqliteRecordApp>;

public sealed class UnreadCountsOnPostgreSqlTests(PostgreSqlRecordApp app) : UnreadCountsTests(app), IClassFixture<PostgreSqlRecordApp>;

/// <summary>Many write and read at once, over threads that share their participants in different orders.</summary>
public abstract class UnreadCountsTests(RecordApp app)
{
    private const int Users = 6;
    private const int Threads = 4;
    private const int Steps = 25;

    private readonly string _tenant = RecordApp.NewTenant();

    [Fact]
    public async Task Sequences_counts_and_events_agree_after_many_writes_at_once()
    {
        for (var t = 0; t < Threads; t++)
        {
            var everybody = string.Join(',', Enumerable.Range(0, Users).Select(u => $"\"u{(u + t) % Users}\""));
            (await app.As(_tenant, "u0").PostAsync("/api/messaging", $$"""{"id":"t{{t}}","subject":"s","participants":[{{everybody}}]}"""))
                .Expect(HttpStatusCode.Created);
        }

        await Task.WhenAll(Enumerable.Range(0, Users).Select(WorkAsync));

        await app.Database.ReadAsync(async connection =>
        {
            var sequences = (await connection.QueryAsync<(string Thread, long Sequence)>(
                "select thread_id, sequence from message where tenant = @_tenant order by thread_id, sequence", new { _tenant })).ToLookup(m => m.Thread, m => m.Sequence);
            Assert.Equal(Threads, sequences.Count);
            Assert.All(sequences, s => Assert.Equal(Enumerable.Range(1, s.Count()).Select(n => (long)n), s));

            var counted = await ReadCountsAsync(connection, "select user_id, messages from unread where tenant = @_tenant");
            var byThread = await ReadCountsAsync(
                connection, "select user_id, sum(unread) from thread_participant where tenant = @_tenant group by user_id");
            var truly = await ReadCountsAsync(
                connection,
                """
                select p.user_id, count(*) from thread_participant p
                join message m on m.tenant = p.tenant and m.thread_id = p.thread_id and m.author <> p.user_id
                left join message_read r on r.tenant = m.tenant and r.message_id = m.id and r.user_id = p.user_id
                where p.tenant = @_tenant and r.read_at is null group by p.user_id
                """);
            Assert.Equal(truly, byThread);
            Assert.Equal(truly, counted);
            return true;
        });

        var events = await app.EventsAsync(_tenant);
        foreach (var user in Enumerable.Range(0, Users).Select(u => $"u{u}"))
        {
            // Each change is told with the count it came to: one step up or down, in order.
            var told = events.Where(e => e.ToString() == $"user:{user} unread:changed").Select(e => (int)e.Json["messages"]!).ToArray();
            Assert.All(told.Prepend(0).Zip(told), pair => Assert.Equal(1, Math.Abs(pair.First - pair.Second)));
        }

        foreach (var thread in Enumerable.Range(0, Threads).Select(t => $"t{t}"))
        {
            var told = events.Where(e => e.ToString() == $"thread:{thread} message:new").Select(e => (int)e.Json["sequence"]!).ToArray();
            Assert.Equal(Enumerable.Range(1, told.Length), told);
        }
    }

    private async Task WorkAsync(int user)
    {
        var random = new Random(user);
        var client = app.As(_tenant, $"u{user}");
        for (var step = 0; step < Steps; step++)
        {
            var thread = $"t{random.Next(Threads)}";
            if (random.Next(3) > 0)
            {
                (await client.PostAsync($"/api/messaging/{thread}/messages", """{"body":"x"}""")).Expect(HttpStatusCode.Created);
            }
            else
            {
                var messages = (await client.GetAsync($"/api/messaging/{thread}/messages?limit=5")).Expect(HttpStatusCode.OK).Json["items"]!.AsArray();
                // The same message twice at once: it is read once.
                await Task.WhenAll(messages.Concat(messages).Select(async m =>
                    (await client.PatchAsync($"/api/messages/{m!["id"]}/read")).Expect(HttpStatusCode.NoContent)));
            }
        }
    }

    private async Task<SortedDictionary<string, long>> ReadCountsAsync(System.Data.Common.DbConnection connection, string sql) =>
        new((await connection.QueryAsync<(string User, long Count)>(sql, new { _tenant })).Where(r => r.Count > 0).ToDictionary(r => r.User, r => r.Count), StringComparer.Ordinal);
}
