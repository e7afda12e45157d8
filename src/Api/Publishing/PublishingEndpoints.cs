using Clinic.Errors;
using Clinic.Security;
using Clinic.Topics;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Clinic.Publishing;

/// <summary>How other backends publish: <c>POST /api/events</c>, with a service key.</summary>
internal static class PublishingEndpoints
{
    /// <summary>Registers what the route needs.</summary>
    public static IServiceCollection AddPublishing(this IServiceCollection services)
    {
        // The grain factory is asked for with the first event: an Orleans client registers it late.
        services.TryAddSingleton<PublishToTopic>(provider =>
            (topic, draft) => provider.GetRequiredService<IGrainFactory>().GetTopic(topic).PublishAsync(draft));
        services.AddSingleton<PublishMetrics>();
        services.AddSingleton<EventPublisher>();
        services.AddRateLimiter(limiter => limiter.AddPolicy<string, EventRate>(EventRate.Policy));
        return services;
    }

    /// <summary>Maps the route.</summary>
    public static void MapPublishing(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/events", PublishAsync)
            .RequireAuthorization(SecurityPolicies.Service)
            .RequireRateLimiting(EventRate.Policy)
            .WithTags("Events")
            .WithSummary("Publishes an event; an id makes a repeat within 24 h harmless.")
            .Produces<Published>(StatusCodes.Status202Accepted);

    private static async Task<IResult> PublishAsync(
        PublishRequest request, HttpContext context, ITopicAuthorizer authorizer, EventPublisher publisher, CancellationToken cancellation)
    {
        var caller = context.Caller();
        var faults = request.Check(caller.Tenant);
        if (faults.Count > 0)
        {
            return Problems.Invalid(faults);
        }

        var topic = request.TopicIn(caller.Tenant)!.Value;
        switch (await authorizer.AuthorizeAsync(new TopicRequest(topic, null, []), cancellation))
        {
            case TopicAccess.NotFound:
                return Problems.NotFound("There is no such topic.");
            case TopicAccess.Forbidden:
                return Problems.Forbidden("Nobody may publish to this topic from outside.");
        }

        var result = await publisher.PublishAsync(topic, new EventDraft(request.Type!, request.Id, request.DataBytes(), caller.User), cancellation);
        return result.Outcome switch
        {
            PublishOutcome.Accepted => TypedResults.Json(new Published(result.Epoch, result.Offset), statusCode: StatusCodes.Status202Accepted),
            PublishOutcome.IdReused => Problems.KeyReused("The event id was used before, for another type or other data."),
            PublishOutcome.Overloaded => Problems.Unavailable("The topic has too many events under way. Try again."),
            _ => Problems.Unavailable("The event could not be stored for certain. Try again, with an id so that it can't happen twice."),
        };
    }
}
