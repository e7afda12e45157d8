using System.Text;
using Clinic.Errors;
using Clinic.Topics;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Clinic.Security;

/// <summary>Tokens for the asking, in <c>Development</c> only: <c>POST /dev/token</c>.</summary>
internal static class DevToken
{
    private const int DefaultSeconds = 12 * 60 * 60;
    private const int MaxSeconds = 24 * 60 * 60;
    private static readonly string[] DefaultRoles = [Roles.Staff];

    /// <summary>Maps the route where it may exist: with a signing key, in Development. Anywhere else it is a 404 like any unknown route.</summary>
    public static void MapDevToken(this WebApplication app)
    {
        if (app.Environment.IsDevelopment() && app.Services.GetRequiredService<IOptions<AuthOptions>>().Value.SigningKey is { } key)
        {
            var credentials = new SigningCredentials(new SymmetricSecurityKey(Encoding.UTF8.GetBytes(key)), SecurityAlgorithms.HmacSha256);
            app.MapPost("/dev/token", (DevTokenRequest request, TimeProvider time) => Issue(request, credentials, time))
                .AllowAnonymous()
                .WithTags("Development")
                .WithSummary("A token for the asking.")
                .Produces<DevTokenAnswer>();
        }
    }

    private static IResult Issue(DevTokenRequest request, SigningCredentials credentials, TimeProvider time)
    {
        var faults = Check(request);
        if (faults.Count > 0)
        {
            return Problems.Invalid(faults);
        }

        var now = time.GetUtcNow();
        // Rounded up to the whole seconds of the claim, so that a token for one second is not dead on arrival.
        var expires = (long)Math.Ceiling(now.AddSeconds(request.ExpiresInSeconds ?? DefaultSeconds).ToUnixTimeMilliseconds() / 1000.0);
        var token = new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Claims = new Dictionary<string, object>
            {
                [ClaimNames.User] = request.User!,
                [ClaimNames.Tenant] = request.Tenant!,
                [ClaimNames.Name] = request.Name ?? request.User!,
                [ClaimNames.Roles] = request.Roles ?? DefaultRoles,
                ["iat"] = now.ToUnixTimeSeconds(),
                [ClaimNames.Expires] = expires,
            },
            SigningCredentials = credentials,
        });
        return TypedResults.Ok(new DevTokenAnswer(token));
    }

    private static Dictionary<string, string[]> Check(DevTokenRequest request)
    {
        const string Id = "is text of 1 to 128 characters";
        var faults = new Dictionary<string, string[]>();
        Require(Identifier.IsValid(request.Tenant), "tenant", Id);
        Require(Identifier.IsValid(request.User), "user", Id);
        Require(request.Name is null || Identifier.IsValid(request.Name), "name", Id);
        Require(request.Roles is null || request.Roles.All(Identifier.IsValid), "roles", "is a list of texts of 1 to 128 characters");
        Require(request.ExpiresInSeconds is null or (>= 1 and <= MaxSeconds), "expiresInSeconds", $"is between 1 and {MaxSeconds}");
        return faults;

        void Require(bool isRight, string field, string rule)
        {
            if (!isRight)
            {
                faults[field] = [rule];
            }
        }
    }
}

/// <summary>Whom the token is to speak for. Without roles it is <c>staff</c>, without an end it lasts 12 hours.</summary>
internal sealed record DevTokenRequest(string? Tenant, string? User, string? Name, string[]? Roles, int? ExpiresInSeconds);

/// <summary>The token.</summary>
internal sealed record DevTokenAnswer(string Token);
