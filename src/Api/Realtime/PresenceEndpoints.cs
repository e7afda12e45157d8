using Clinic.Charts;
using Clinic.Errors;
using Clinic.Records;
using Clinic.Security;
using Clinic.Topics;

namespace Clinic.Realtime;

/// <summary>Who is there, for those who ask once: <c>GET /api/presence</c> and <c>GET /api/patients/{id}/viewers</c>.</summary>
internal static class PresenceEndpoints
{
    public static void MapPresence(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api").RequireAuthorization(SecurityPolicies.User).WithTags("Presence");
        group.MapGet("/presence", GetOnlineAsync).WithSummary("Who is online in the clinic.").Produces<WirePresence>();
        group.MapGet("/patients/{id}/viewers", GetViewersAsync).WithSummary("Who has the chart open.").Produces<WirePresence>();
    }

    private static async Task<IResult> GetOnlineAsync(HttpContext context, TopicRelay relay, IGrainFactory grains) =>
        TypedResults.Ok(await relay.GetPresenceAsync(TopicId.ForTenant(context.Caller().Tenant), grains));

    /// <summary>The chart's own word: who has just opened it finds themselves in it, and nobody's host has to have heard.</summary>
    private static async Task<IResult> GetViewersAsync(
        HttpContext context, IGrainFactory grains, ITopicAuthorizer authorizer, ChartGuard guard, CancellationToken cancellation)
    {
        var caller = context.Caller();
        if (!RecordGate.TryReadIds(context))
        {
            return Problems.NotFound();
        }

        var patient = TopicId.ForPatient(caller.Tenant, (string)context.Request.RouteValues["id"]!);
        var access = await authorizer.AuthorizeAsync(new TopicRequest(patient, caller.User, caller.Roles), cancellation);
        // Those who answer for privacy read the same in the access log.
        if (access == TopicAccess.Allowed
            && !caller.Has(Roles.Admin, Roles.PrivacyOfficer)
            && !(await guard.AskAsync(patient, caller.User!, cancellation)).MaySee)
        {
            return Problems.ReasonRequired();
        }

        return access switch
        {
            TopicAccess.Allowed => TypedResults.Ok(WirePresence.From(await grains.GetTopic(patient).GetPresenceAsync())),
            TopicAccess.Forbidden => Problems.Forbidden("The caller may not see this chart."),
            _ => Problems.NotFound(),
        };
    }
}
