using System.Text;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace Clinic.Security;

/// <summary>The rules a user's token has to obey, on REST and on the hub alike.</summary>
internal sealed class TokenRules(IOptions<AuthOptions> auth, TimeProvider time, IHostEnvironment environment) : IConfigureNamedOptions<JwtBearerOptions>
{
    private const string HubPath = "/hubs";

    /// <summary>For a token that starts to count a moment ahead of this machine's clock. Its end has no such tolerance.</summary>
    private static readonly TimeSpan StartTolerance = TimeSpan.FromSeconds(5);

    private static readonly string[] AuthorityAlgorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    public void Configure(JwtBearerOptions options) => Configure(JwtBearerDefaults.AuthenticationScheme, options);

    public void Configure(string? name, JwtBearerOptions options)
    {
        if (name != JwtBearerDefaults.AuthenticationScheme)
        {
            return;
        }

        options.MapInboundClaims = false;
        options.SaveToken = false;
        options.IncludeErrorDetails = false;
        options.TokenValidationParameters = new TokenValidationParameters
        {
            RequireSignedTokens = true,
            RequireExpirationTime = true,
            ClockSkew = TimeSpan.Zero,
            LifetimeValidator = (starts, ends, _, _) => IsAlive(starts, ends),
            ValidateIssuer = false,
            ValidateAudience = auth.Value.Audience is not null,
            ValidAudience = auth.Value.Audience,
            NameClaimType = ClaimNames.Name,
            RoleClaimType = ClaimNames.Roles,
        };
        if (auth.Value.SigningKey is { } key)
        {
            options.TokenValidationParameters.ValidAlgorithms = [SecurityAlgorithms.HmacSha256];
            options.TokenValidationParameters.IssuerSigningKey = new SymmetricSecurityKey(Encoding.UTF8.GetBytes(key));
        }
        else
        {
            options.Authority = auth.Value.Authority;
            options.RequireHttpsMetadata = !environment.IsDevelopment() && !new Uri(auth.Value.Authority!).IsLoopback;
            options.TokenValidationParameters.ValidAlgorithms = AuthorityAlgorithms;
            options.TokenValidationParameters.ValidateIssuer = true;
        }

        options.Events = new JwtBearerEvents { OnMessageReceived = TakeFromHubQuery, OnTokenValidated = RequireCaller };
    }

    private bool IsAlive(DateTime? starts, DateTime? ends)
    {
        var now = time.GetUtcNow().UtcDateTime;
        return ends > now && (starts is null || starts <= now + StartTolerance);
    }

    /// <summary>A browser can't set headers on a WebSocket. Anywhere else a token in an address would end up in histories and logs.</summary>
    private static Task TakeFromHubQuery(MessageReceivedContext context)
    {
        var request = context.Request;
        if (request.Path.StartsWithSegments(HubPath) && request.Headers.Authorization.Count == 0 && request.Query["access_token"] is [{ } token])
        {
            context.Token = token;
        }

        return Task.CompletedTask;
    }

    private static Task RequireCaller(TokenValidatedContext context)
    {
        if (Caller.TryFrom(context.Principal!) is null)
        {
            context.Fail("The claims don't name a user and a clinic.");
        }

        return Task.CompletedTask;
    }
}
