using System.Data.Common;
using Clinic.Errors;
using Microsoft.AspNetCore.SignalR;

namespace Clinic.Realtime;

/// <summary>Around every hub call: the connection's share of calls, and what a failure is called on the wire.</summary>
internal sealed partial class HubCallFilter(Connections connections, RelayMetrics metrics, TimeProvider time, ILogger<HubCallFilter> logger) : IHubFilter
{
    private readonly LogThrottle _throttle = new(time);

    public async ValueTask<object?> InvokeMethodAsync(
        HubInvocationContext invocationContext, Func<HubInvocationContext, ValueTask<object?>> next)
    {
        try
        {
            using var lease = connections.Find(invocationContext.Context.ConnectionId)?.Calls?.AttemptAcquire();
            return lease is { IsAcquired: false } ? throw HubError.RateLimited() : await next(invocationContext);
        }
        catch (HubException e)
        {
            metrics.CallRefused(CodeOf(e));
            throw;
        }
        catch (Exception e) when (IsTransient(e))
        {
            if (_throttle.TryPass(out var held))
            {
                Unavailable(logger, invocationContext.HubMethodName, invocationContext.Context.ConnectionId, held, e);
            }

            throw Refused(HubError.Unavailable());
        }
        catch (Exception e)
        {
            Failed(logger, invocationContext.HubMethodName, invocationContext.Context.ConnectionId, e);
            throw Refused(HubError.Internal());
        }
    }

    private HubException Refused(HubException refusal)
    {
        metrics.CallRefused(CodeOf(refusal));
        return refusal;
    }

    private static bool IsTransient(Exception e) =>
        e is TimeoutException or OperationCanceledException or OrleansException or DbException or InvalidOperationException or System.Net.Sockets.SocketException;

    private static string CodeOf(HubException e) => e.Message.Split(':')[0];

    [LoggerMessage(1, LogLevel.Warning, "Call {Method} of connection {Connection} could not be answered, nor could {Held} calls before.")]
    private static partial void Unavailable(ILogger logger, string method, string connection, int held, Exception e);

    [LoggerMessage(2, LogLevel.Error, "Call {Method} of connection {Connection} failed.")]
    private static partial void Failed(ILogger logger, string method, string connection, Exception e);
}
