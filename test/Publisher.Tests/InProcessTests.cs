using System.Collections.Concurrent;
using System.Text;
using Clinic.Publishing;
using Clinic.Security;
using Clinic.Topics;
using Microsoft.Extensions.DependencyInjection;

namespace Clinic.Publisher;

/// <summary>The publisher of code that runs inside the Api: the same queue, straight to the topic.</summary>
public sealed class InProcessTests
{
    [Fact]
    public async Task Events_reach_the_topic_in_order_through_an_outage_and_a_thread_that_does_not_exist_is_refused()
    {
        var published = new ConcurrentQueue<string>();
        var calls = 0;
        await using var publisher = await TestPublisher.StartAsync(services =>
        {
            services.AddSingleton<ITopicAuthorizer>(new NoThreads());
            services.AddSingleton<PublishToTopic>((topic, draft) =>
            {
                if (Interlocked.Increment(ref calls) is 2 or 3)
                {
                    return Task.FromResult(new PublishResult(PublishOutcome.Unavailable, "", 0));
                }

                published.Enqueue($"{topic.Key} {draft.Type} {draft.Id} {Encoding.UTF8.GetString(draft.Data)}");
                return Task.FromResult(new PublishResult(PublishOutcome.Accepted, "e", 1));
            });
            services.AddPublishing();
            services.AddInProcessPublisher(o => o.DrainTimeout = TimeSpan.FromSeconds(20));
        });
        for (var n = 0; n < 4; n++)
        {
            Assert.True(publisher.Clinic.AppointmentCreated("t1", new { N = n }, $"a{n}"));
        }

        Assert.True(publisher.Clinic.MessageSent("t1", "nowhere", 1));
        await publisher.StopAsync();
        Assert.Equal(Enumerable.Range(0, 4).Select(n => $$"""tenant/t1 appointment:created a{{n}} {"n":{{n}}}"""), published);
        Assert.Equal((4, 1, 2), (publisher.Counted["delivered"], publisher.Counted["dropped refused"], publisher.Counted["retries unavailable"]));
    }

    private sealed class NoThreads : ITopicAuthorizer
    {
        public ValueTask<TopicAccess> AuthorizeAsync(TopicRequest request, CancellationToken cancellation) =>
            new(request.Topic.Kind == TopicKind.Thread ? TopicAccess.NotFound : TopicAccess.Allowed);
    }
}
