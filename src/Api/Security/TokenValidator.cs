using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace Clinic.Security;

/// <summary>Checks a token that did not come with a request, by the same rules (<see cref="TokenRules"/>).</summary>
internal sealed class TokenValidator(IOptionsMonitor<JwtBearerOptions> options)
{
    /// <summary>Who the token speaks for and until when; null when it is not to be believed.</summary>
    public async Task<ValidToken?> ValidateAsync(string? token)
    {
        if (string.IsNullOrEmpty(token))
        {
            return null;
        }

        var bearer = options.Get(JwtBearerDefaults.AuthenticationScheme);
        var parameters = bearer.TokenValidationParameters.Clone();
        parameters.ConfigurationManager = bearer.ConfigurationManager as BaseConfigurationManager;
        var result = await bearer.TokenHandlers[0].ValidateTokenAsync(token, parameters);
        if (!result.IsValid)
        {
            return null;
        }

        var principal = new ClaimsPrincipal(result.ClaimsIdentity);
        return Caller.TryFrom(principal) is { } caller ? new ValidToken(caller, ExpiryOf(principal)) : null;
    }

    /// <summary>When the token ends that somebody was authenticated with.</summary>
    public static DateTimeOffset ExpiryOf(ClaimsPrincipal principal)
    {
        var text = principal.FindFirst(ClaimNames.Expires)?.Value;
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds))
        {
            throw new InvalidOperationException("There is no token, or one without an end.");
        }

        return seconds < DateTimeOffset.MaxValue.ToUnixTimeSeconds() ? DateTimeOffset.UnixEpoch.AddSeconds(seconds) : DateTimeOffset.MaxValue;
    }
}

/// <summary>A token that is to be believed.</summary>
/// <param name="Caller">Whom it speaks for.</param>
/// <param name="Expires">Until when.</param>
internal sealed record ValidToken(Caller Caller, DateTimeOffset Expires);
