using System.Text;
using Clinic.Hosting;
using Clinic.Security;
using Clinic.Topics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using ErrorCode = Clinic.Errors.ErrorCode;

namespace Clinic.Publishing;

public sealed class PublishTests
{
    [Theory]
    [InlineData("tenant", "tenant/t1")]
    [InlineData("user:u:1", "user/t1/u%3A1")]
    [InlineData("thread:th", "thread/t1/th")]
    [InlineData("patient:p/1", "patient/t1/p%2F1")]
    public async Task An_event_reaches_its_topic_as_it_came(string topic, string key)
    {
        await using var api = await TestApi.StartAsync();
        await api.AddThreadAsync("t1", "th", "u1");
        (TopicId Topic, EventDraft Draft)? got = null;
        api.Publish = (to, draft) =>
        {
            got = (to, draft);
            return Task.FromResult(new PublishResult(PublishOutcome.Accepted, "e7", 42));
        };
        var answer = await api.PublishAsync($$"""{"topic":"{{topic}}","type":"a:b","id":"i1","data": {"x" : 1.50, "é":"\u00e9\ud83d\ude00"} }""");
        Assert.Equal((202, "e7", 42), (answer.Status, answer.Json.GetProperty("epoch").GetString(), answer.Json.GetProperty("offset").GetInt32()));
        Assert.Equal((key, "a:b", "i1", null), (got!.Value.Topic.Key, got.Value.Draft.Type, got.Value.Draft.Id, got.Value.Draft.By));
        Assert.Equal("""{"x" : 1.50, "é":"\u00e9\ud83d\ude00"}""", Encoding.UTF8.GetString(got.Value.Draft.Data));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("0")]
    [InlineData("\"\"")]
    [InlineData("[]")]
    public async Task Any_JSON_may_be_the_data(string data)
    {
        await using var api = await TestApi.StartAsync();
        string? got = null;
        api.Publish = (_, draft) =>
        {
            got = Encoding.UTF8.GetString(draft.Data);
            return Task.FromResult(new PublishResult(PublishOutcome.Accepted, "e1", 1));
        };
        Assert.Equal(202, (await api.PublishAsync($$"""{"topic":"tenant","type":"a","data":{{data}}}""")).Status);
        Assert.Equal(data, got);
    }

    [Theory]
    [InlineData("""{"type":"a","data":1}""", "topic")]
    [InlineData("""{"topic":"user","type":"a","data":1}""", "topic")]
    [InlineData("""{"topic":"user:","type":"a","data":1}""", "topic")]
    [InlineData("""{"topic":"other:1","type":"a","data":1}""", "topic")]
    [InlineData("""{"topic":"tenant","data":1}""", "type")]
    [InlineData("""{"topic":"tenant","type":"","data":1}""", "type")]
    [InlineData("""{"topic":"tenant","type":"a b","data":1}""", "type")]
    [InlineData("""{"topic":"tenant","type":"a\n","data":1}""", "type")]
    [InlineData("""{"topic":"tenant","type":"a"}""", "data")]
    [InlineData("""{"topic":"tenant","type":"a","data":1,"id":""}""", "id")]
    [InlineData("""{"topic":"tenant","type":"a","data":1,"tenant":"t2"}""", "tenant")]
    public async Task A_wrong_event_names_the_field(string body, string field)
    {
        await using var api = await TestApi.StartAsync();
        (await api.PublishAsync(body)).IsInvalid(field);
    }

    [Fact]
    public async Task Data_that_would_break_a_browser_is_refused()
    {
        await using var api = await TestApi.StartAsync();
        byte[] body = [.. """{"topic":"tenant","type":"a","data":"""u8, (byte)'"', 0xC3, 0x28, (byte)'"', (byte)'}'];
        (await api.PublishAsync(body)).IsProblem(400, ErrorCode.Invalid);
        var deep = new string('[', 40) + new string(']', 40);
        (await api.PublishAsync($$"""{"topic":"tenant","type":"a","data":{{deep}}}""")).IsProblem(400, ErrorCode.Invalid);
    }

    [Fact]
    public async Task Only_a_backend_may_publish()
    {
        await using var api = await TestApi.StartAsync();
        var body = new { topic = "tenant", type = "a", data = 1 };
        (await api.SendAsync(HttpMethod.Post, "/api/events", null, body)).IsProblem(401, ErrorCode.Unauthenticated);
        (await api.PublishAsync(body, authorization: "ServiceKey wrong")).IsProblem(401, ErrorCode.Unauthenticated);
        (await api.PublishAsync(body, authorization: $"Bearer {Tokens.Of("t1", "u1", "admin")}")).IsProblem(403, ErrorCode.Forbidden);
        (await api.SendAsync(HttpMethod.Post, "/api/events", $"ServiceKey {TestApi.ServiceKey}", body)).IsInvalid("X-Tenant");
    }

    [Fact]
    public async Task A_thread_of_no_or_of_another_clinic_is_not_found()
    {
        await using var api = await TestApi.StartAsync();
        await api.AddThreadAsync("t2", "th", "u1");
        (await api.PublishAsync(new { topic = "thread:th", type = "a", data = 1 })).IsProblem(404, ErrorCode.NotFound);
        (await api.PublishAsync(new { topic = "thread:none", type = "a", data = 1 })).IsProblem(404, ErrorCode.NotFound);
        Assert.Equal(202, (await api.PublishAsync(new { topic = "thread:th", type = "a", data = 1 }, "t2")).Status);
    }

    [Theory]
    [InlineData(PublishOutcome.IdReused, 422, ErrorCode.Invalid)]
    [InlineData(PublishOutcome.Overloaded, 503, ErrorCode.Unavailable)]
    [InlineData(PublishOutcome.Unavailable, 503, ErrorCode.Unavailable)]
    public async Task What_the_topic_refuses_is_said(PublishOutcome outcome, int status, string code)
    {
        await using var api = await TestApi.StartAsync();
        api.Publish = (_, _) => Task.FromResult(new PublishResult(outcome, "", 0));
        var answer = await api.PublishAsync(new { topic = "tenant", type = "a", data = 1, id = "i1" });
        answer.IsProblem(status, code);
        Assert.Equal(status == 503, answer.Headers.RetryAfter is not null);
    }

    [Fact]
    public async Task A_clinic_over_its_rate_is_told_when_to_come_again_and_others_are_not()
    {
        await using var api = await TestApi.StartAsync("Development", null, ("Limits:EventsPerSecond", "5"));
        var body = new { topic = "tenant", type = "a", data = 1 };
        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => api.PublishAsync(body)));
        Assert.InRange(answers.Count(answer => answer.Status == 202), 5, 39);
        var refused = answers.First(answer => answer.Status != 202);
        refused.IsProblem(429, ErrorCode.RateLimited);
        Assert.True(refused.Headers.RetryAfter!.Delta >= TimeSpan.FromSeconds(1));
        Assert.Equal(202, (await api.PublishAsync(body, "t2")).Status);
    }

    [Fact]
    public async Task Zero_is_no_limit()
    {
        await using var api = await TestApi.StartAsync("Development", null, ("Limits:EventsPerSecond", "0"));
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => api.PublishAsync(new { topic = "tenant", type = "a", data = 1 })));
        Assert.All(answers, answer => Assert.Equal(202, answer.Status));
    }

    [Fact]
    public async Task A_call_that_fails_is_repeated_with_the_same_id()
    {
        var ids = new List<string?>();
        var publisher = new EventPublisher(
            (_, draft) =>
            {
                ids.Add(draft.Id);
                return ids.Count < 2
                    ? throw new InvalidOperationException("The silo is gone.")
                    : Task.FromResult(new PublishResult(PublishOutcome.Accepted, "e1", 3));
            },
            Metrics,
            Time,
            NullLogger<EventPublisher>.Instance);
        var result = await RunAsync(publisher);
        Assert.Equal((PublishOutcome.Accepted, 2, 1), (result.Outcome, ids.Count, ids.Distinct().Count()));
        Assert.True(Identifier.IsValid(ids[0]));
    }

    [Fact]
    public async Task A_call_that_keeps_failing_is_given_up_after_two_seconds()
    {
        foreach (var exception in (Exception[])[new TimeoutException(), new InvalidOperationException()])
        {
            var publisher = new EventPublisher((_, _) => throw exception, Metrics, Time, NullLogger<EventPublisher>.Instance);
            var started = Time.GetUtcNow();
            var result = await RunAsync(publisher);
            Assert.Equal(PublishOutcome.Unavailable, result.Outcome);
            Assert.InRange(Time.GetUtcNow() - started, TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(2.5));
        }
    }

    private static PublishMetrics Metrics { get; } =
        new(new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>());

    private FakeTimeProvider Time { get; } = new();

    private async Task<PublishResult> RunAsync(EventPublisher publisher)
    {
        var result = publisher.PublishAsync(TopicId.ForTenant("t1"), new EventDraft("a", null, [], null), default);
        while (!result.IsCompleted)
        {
            Time.Advance(TimeSpan.FromMilliseconds(10));
            await Task.Yield();
        }

        return await result;
    }
}
