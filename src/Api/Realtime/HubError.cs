using Microsoft.AspNetCore.SignalR;
using ErrorCode = Clinic.Errors.ErrorCode;

namespace Clinic.Realtime;

/// <summary>Refusals of hub calls: an exception whose text starts with a code of <c>docs/errors.md</c>.</summary>
internal static class HubError
{
    public static HubException Invalid(string field, string what) => Make(ErrorCode.Invalid, $"{field} {what}");

    public static HubException NotFound() => Make(ErrorCode.NotFound, "there is no such thing");

    public static HubException Forbidden() => Make(ErrorCode.Forbidden, "the caller may not do this");

    /// <summary>As <see cref="Errors.Problems.ReasonRequired"/>: the code, then the cause.</summary>
    public static HubException ReasonRequired() =>
        Make(ErrorCode.Forbidden, $"{Charts.ChartPass.ReasonRequired}: the patient's chart is restricted; open it with a reason");

    public static HubException Unauthenticated(string why) => Make(ErrorCode.Unauthenticated, why);

    public static HubException LimitExceeded(string what) => Make(ErrorCode.LimitExceeded, what);

    public static HubException RateLimited() => Make(ErrorCode.RateLimited, "too many calls on this connection");

    public static HubException Unavailable() => Make(ErrorCode.Unavailable, "a part of the system can't be reached; try again");

    public static HubException Conflict(string what) => Make(ErrorCode.Conflict, what);

    public static HubException Internal() => Make(ErrorCode.Internal, "this is a fault of the server");

    private static HubException Make(string code, string text) => new($"{code}: {text}");
}
