using System.Threading.RateLimiting;
using Clinic.Errors;
using Clinic.Security;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;

namespace Clinic.Publishing;

/// <summary>Keeps one clinic's publishing from taking what the others need: a bucket of one second's worth per clinic on each host.</summary>
internal sealed class EventRate(IOptions<LimitOptions> limits) : IRateLimiterPolicy<string>
{
    public const string Policy = "events";
    private const int Refills = 10;

    public Func<OnRejectedContext, CancellationToken, ValueTask>? OnRejected { get; } = (rejected, _) => new ValueTask(
        Problems.RateLimited(
            rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : TimeSpan.FromSeconds(1),
            "The clinic publishes more events a second than it may.").ExecuteAsync(rejected.HttpContext));

    public RateLimitPartition<string> GetPartition(HttpContext httpContext)
    {
        var perSecond = limits.Value.EventsPerSecond;
        var tenant = httpContext.Caller().Tenant;
        if (perSecond == 0)
        {
            return RateLimitPartition.GetNoLimiter(tenant);
        }

        // A bucket that is filled once a second would let twice the rate through around that moment, and nothing for long after.
        var perRefill = Math.Max(1, perSecond / Refills);
        return RateLimitPartition.GetTokenBucketLimiter(tenant, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = perSecond,
            TokensPerPeriod = perRefill,
            ReplenishmentPeriod = TimeSpan.FromSeconds(perRefill / (double)perSecond),
            QueueLimit = 0,
        });
    }
}
