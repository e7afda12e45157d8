using Clinic.Errors;
using Clinic.Records;
using Clinic.Security;
using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Clinic.Escalation;

/// <summary>When a clinic's unacknowledged notifications go on to others, and to whom; for those who administer it.</summary>
internal sealed class EscalationPolicyRoutes : IRecordRoutes
{
    private const string SetSql = """
        insert into escalation_policy (tenant, policy, updated_at, updated_by) values (@Tenant, @policy, @Now, @User)
        on conflict (tenant) do update set policy = excluded.policy, updated_at = excluded.updated_at, updated_by = excluded.updated_by
        """;

    /// <inheritdoc />
    public void AddServices(IServiceCollection services) =>
        services.AddSingleton<IValidator<NewEscalationPolicy>, NewEscalationPolicy.Validator>();

    /// <inheritdoc />
    public void Map(IEndpointRouteBuilder api)
    {
        var policy = api.MapGroup("/escalation-policy").WithTags("Notifications");
        policy.MapGet("", GetAsync)
            .WithSummary("When unacknowledged notifications go on, and to whom, with the defaults of what was never set. For admin.")
            .Produces<EscalationPolicy>();
        policy.MapPut("", SetAsync)
            .WithSummary("Sets the policy, all of it: a priority that is left out gets the default. Counts from each notification's next step on. For admin.")
            .Produces<EscalationPolicy>();
    }

    private static async Task<IResult> GetAsync(RecordRequest request) =>
        (IResult?)MayNot(request) ?? TypedResults.Ok(EscalationPolicy.Read(
            (await request.QueryAsync<string>(EscalationPolicy.Sql, new { request.Tenant })).SingleOrDefault()));

    private static async Task<IResult> SetAsync(NewEscalationPolicy body, RecordRequest request) =>
        (IResult?)MayNot(request) ?? await request.WriteAsync(async record =>
        {
            var policy = body.ToPolicy();
            await record.ExecuteAsync(SetSql, new { record.Tenant, policy = policy.Store(), record.Now, record.User });
            return RecordAnswer.Ok(policy);
        });

    private static ProblemHttpResult? MayNot(RecordRequest request) => request.Caller.IsService || request.Caller.Has(Roles.Admin)
        ? null
        : Problems.Forbidden("The escalation policy is for administrators.");
}
