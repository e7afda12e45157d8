using Clinic.Errors;
using Clinic.Publisher;
using Clinic.Security;
using Clinic.Topics;
using ErrorCode = Clinic.Errors.ErrorCode;

namespace Clinic.Publishing;

/// <summary>
/// Carries events of code that runs in the Api's own process: to the topic's grain by the same checks as <c>POST /api/events</c>, without HTTP, key and rate
/// limit.
/// </summary>
internal sealed class InProcessTransport(ITopicAuthorizer authorizer, EventPublisher publisher, IHostApplicationLifetime lifetime) : IEventTransport
{
    public async Task<Attempt> SendAsync(OutgoingEvent sent, CancellationToken cancellation)
    {
        if (!lifetime.ApplicationStarted.IsCancellationRequested)
        {
            // The silo is not up yet, or the host's connection to the silos is not.
            return new Attempt(Verdict.Again, "starting");
        }

        if (PublishRequest.TopicOf(sent.Topic, sent.Tenant) is not { } topic)
        {
            return new Attempt(Verdict.Refused, "topic");
        }

        try
        {
            if (await authorizer.AuthorizeAsync(new TopicRequest(topic, null, []), cancellation) is var access and not TopicAccess.Allowed)
            {
                return new Attempt(Verdict.Refused, access == TopicAccess.NotFound ? ErrorCode.NotFound : ErrorCode.Forbidden);
            }
        }
        catch (Exception e) when (Outage.Is(e) && !cancellation.IsCancellationRequested)
        {
            return new Attempt(Verdict.Again, ErrorCode.Unavailable);
        }

        var result = await publisher.PublishAsync(topic, new EventDraft(sent.Type, sent.Id, sent.Data, null), cancellation);
        return result.Outcome switch
        {
            PublishOutcome.Accepted => Attempt.Delivered,
            PublishOutcome.IdReused => new Attempt(Verdict.Refused, "id_reused"),
            _ => new Attempt(Verdict.Again, ErrorCode.Unavailable),
        };
    }
}

/// <summary>Registers <see cref="IClinicPublisher"/> for code that is added to the Api itself.</summary>
internal static class InProcessPublisher
{
    /// <summary>
    /// The queue, the order and the retries are those of the package; <see cref="PublishingEndpoints.AddPublishing"/> has to be registered too. Register it
    /// after Orleans, so that its queue is emptied before the silo stops.
    /// </summary>
    public static IServiceCollection AddInProcessPublisher(this IServiceCollection services, Action<ClinicPublisherOptions>? configure = null) =>
        services.AddQueuedPublisher<InProcessTransport>(overHttp: false, configure ?? (_ => { }));
}
