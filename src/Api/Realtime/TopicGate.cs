using Clinic.Charts;
using Clinic.Errors;
using Clinic.Security;
using Clinic.Topics;
using Microsoft.AspNetCore.SignalR;

namespace Clinic.Realtime;

/// <summary>Lets connections in to topics, or says why not.</summary>
internal sealed class TopicGate(ITopicAuthorizer authorizer, ChartGuard guard)
{
    /// <summary>Refuses what the authorizer does not allow, in the words of <see cref="ErrorCode"/>, and restricted charts that were not opened with a reason.</summary>
    public async Task AuthorizeAsync(LiveConnection connection, TopicId topic)
    {
        await RequireAsync(connection, topic);
        if (topic.Kind == TopicKind.Patient)
        {
            await PassAsync(connection, topic);
        }
    }

    /// <summary>The way in to a chart.</summary>
    /// <exception cref="HubException">It is restricted to the user.</exception>
    public async Task<ChartPass> PassAsync(LiveConnection connection, TopicId chart)
    {
        var pass = await guard.AskAsync(chart, connection.User);
        return pass.MaySee ? pass : throw HubError.ReasonRequired();
    }

    /// <summary>Refuses what the authorizer does not allow.</summary>
    public async Task RequireAsync(LiveConnection connection, TopicId topic)
    {
        switch (await AccessAsync(connection, topic))
        {
            case TopicAccess.Allowed:
                return;
            case TopicAccess.Forbidden:
                throw HubError.Forbidden();
            default:
                throw HubError.NotFound();
        }
    }

    /// <summary>What the authorizer says.</summary>
    public ValueTask<TopicAccess> AccessAsync(LiveConnection connection, TopicId topic) =>
        authorizer.AuthorizeAsync(new TopicRequest(topic, connection.User, connection.Caller.Roles), CancellationToken.None);
}
