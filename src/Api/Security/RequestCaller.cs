namespace Clinic.Security;

/// <summary>Gives endpoints their caller.</summary>
internal static class RequestCaller
{
    /// <summary>Who makes this request.</summary>
    /// <exception cref="InvalidOperationException">The route is not behind authentication.</exception>
    public static Caller Caller(this HttpContext context) => context.Features.Get<Caller>() ?? Security.Caller.From(context.User);
}
