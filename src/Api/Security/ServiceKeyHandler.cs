using System.Security.Claims;
using System.Text.Encodings.Web;
using Clinic.Topics;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Clinic.Security;

/// <summary>
/// Authenticates a backend: <c>Authorization: ServiceKey …</c>, with the clinic and the user in headers. Whether those are there and make sense is
/// for <see cref="TenantRule"/>, because a right key with a wrong header is no 401.
/// </summary>
internal sealed class ServiceKeyHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, ServiceKeys keys)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public new const string Scheme = "ServiceKey";
    public const string TenantHeader = "X-Tenant";
    public const string UserHeader = "X-User";

    private const string Prefix = Scheme + " ";

    /// <summary>Whether the request presents a service key, right or wrong.</summary>
    public static bool IsUsedBy(HttpRequest request) =>
        request.Headers.Authorization.Any(value => value?.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) == true);

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Request.Headers.Authorization is not [{ } value] || !value.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
        {
            return Task.FromResult(AuthenticateResult.NoResult());
        }

        if (!keys.Contains(value[Prefix.Length..].Trim()))
        {
            return Task.FromResult(AuthenticateResult.Fail("Not a service key."));
        }

        var identity = new ClaimsIdentity(Scheme);
        AddClaim(identity, ClaimNames.Tenant, TenantHeader);
        AddClaim(identity, ClaimNames.User, UserHeader);
        return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme)));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.StatusCode = StatusCodes.Status401Unauthorized;
        Response.Headers.WWWAuthenticate = Scheme;
        return Task.CompletedTask;
    }

    private void AddClaim(ClaimsIdentity identity, string claim, string header)
    {
        if (Request.Headers[header] is [{ } value] && Identifier.IsValid(value))
        {
            identity.AddClaim(new Claim(claim, value));
        }
    }
}
