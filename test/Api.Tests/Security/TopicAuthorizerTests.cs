using Clinic.Hosting;
using Clinic.Topics;
using Microsoft.Extensions.DependencyInjection;

namespace Clinic.Security;

public sealed class TopicAuthorizerTests
{
    [Fact]
    public async Task Each_topic_is_open_to_whom_the_contract_says()
    {
        await using var api = await TestApi.StartAsync();
        await api.AddThreadAsync("t1", "th", "u1");
        await api.AddThreadAsync("t2", "th", "u2");
        var authorizer = api.Services.GetRequiredService<ITopicAuthorizer>();
        var thread = TopicId.ForThread("t1", "th");
        var chart = TopicId.ForPatient("t1", "p");
        (TopicAccess Expected, TopicId Topic, string? User, string[] Roles)[] cases =
        [
            (TopicAccess.Allowed, TopicId.ForTenant("t1"), "u1", []),
            (TopicAccess.Allowed, TopicId.ForTenant("t1"), "u1", ["patient"]),
            (TopicAccess.Allowed, TopicId.ForUser("t1", "u1"), "u1", ["patient"]),
            (TopicAccess.Forbidden, TopicId.ForUser("t1", "u2"), "u1", ["admin"]),
            (TopicAccess.Allowed, TopicId.ForUser("t1", "u2"), null, []),
            (TopicAccess.Forbidden, chart, "u1", []),
            (TopicAccess.Allowed, chart, "u1", ["nurse"]),
            (TopicAccess.Allowed, chart, "u1", ["patient", "nurse"]),
            (TopicAccess.Forbidden, chart, "u1", ["patient"]),
            (TopicAccess.Allowed, chart, null, []),
            (TopicAccess.Allowed, thread, "u1", ["patient"]),
            (TopicAccess.NotFound, thread, "u2", ["admin"]),
            (TopicAccess.NotFound, TopicId.ForThread("t1", "none"), "u1", []),
            (TopicAccess.Allowed, thread, null, []),
            (TopicAccess.NotFound, TopicId.ForThread("t1", "none"), null, []),
            (TopicAccess.NotFound, TopicId.ForThread("t3", "th"), null, []),
        ];
        foreach (var (expected, topic, user, roles) in cases)
        {
            var access = await authorizer.AuthorizeAsync(new TopicRequest(topic, user, roles), default);
            Assert.True(expected == access, $"{topic.Key} by {user} ({string.Join(',', roles)}): {access}");
        }
    }
}
