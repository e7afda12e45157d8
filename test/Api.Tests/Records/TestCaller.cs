using System.Text.Encodings.Web;
using System.Text.Json;
using Clinic.Security;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Clinic.Records;

/// <summary>Believes a header that says who calls, in place of tokens.</summary>
internal sealed class TestCaller(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public new const string Scheme = "Test";

    public static string Header(Caller caller) => Uri.EscapeDataString(JsonSerializer.Serialize(caller));

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Request.Headers["X-Test-Caller"].ToString() is not { Length: > 0 } header)
        {
            return Task.FromResult(AuthenticateResult.NoResult());
        }

        Context.Features.Set(JsonSerializer.Deserialize<Caller>(Uri.UnescapeDataString(header)));
        var identity = new System.Security.Claims.ClaimsIdentity(Scheme);
        return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new(identity), Scheme)));
    }
}
