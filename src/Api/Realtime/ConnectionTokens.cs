using System.Threading.RateLimiting;
using Clinic.Security;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Options;

namespace Clinic.Realtime;

/// <summary>Lets connections in with who their token says they are, and ends them when it does.</summary>
internal sealed partial class ConnectionTokens(
    TokenValidator validator, IOptions<LimitOptions> limits, TimeProvider time, ILogger<ConnectionTokens> logger)
{
    /// <summary>What a timer can wait for.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(40);

    public void Admit(LiveConnection connection, HubCallerContext context)
    {
        connection.Caller = Caller.From(context.User!);
        connection.Calls = CallsOf(limits.Value.HubCallsPerSecond);
        ExpireAt(connection, TokenValidator.ExpiryOf(context.User!));
    }

    /// <summary>Goes on with a fresh token, if it is of the same user and clinic. A refused one changes nothing.</summary>
    public async Task RenewAsync(LiveConnection connection, string? token)
    {
        if (await validator.ValidateAsync(token) is not { } valid)
        {
            throw HubError.Unauthenticated("the token is not valid");
        }

        if (valid.Caller.Tenant != connection.Caller.Tenant || valid.Caller.User != connection.Caller.User)
        {
            throw HubError.Forbidden();
        }

        connection.Caller = valid.Caller;
        ExpireAt(connection, valid.Expires);
    }

    private void ExpireAt(LiveConnection connection, DateTimeOffset expires)
    {
        var left = expires - time.GetUtcNow();
        left = left < TimeSpan.Zero ? TimeSpan.Zero : left < Longest ? left : Longest;
        var timer = time.CreateTimer(_ => End(connection), null, left, Timeout.InfiniteTimeSpan);
        var former = connection.Expiry;
        connection.Expiry = timer;
        former?.Dispose();
    }

    private void End(LiveConnection connection)
    {
        Expired(logger, connection.Id);
        connection.End("token_expired", TimeSpan.Zero);
    }

    private static TokenBucketRateLimiter? CallsOf(int perSecond) =>
        perSecond == 0
            ? null
            : new TokenBucketRateLimiter(new TokenBucketRateLimiterOptions
            {
                TokenLimit = perSecond,
                TokensPerPeriod = Math.Max(1, perSecond / 10),
                ReplenishmentPeriod = TimeSpan.FromSeconds(Math.Max(1, perSecond / 10) / (double)perSecond),
                QueueLimit = 0,
                AutoReplenishment = true,
            });

    [LoggerMessage(1, LogLevel.Debug, "The token of connection {Connection} expired.")]
    private static partial void Expired(ILogger logger, string connection);
}
