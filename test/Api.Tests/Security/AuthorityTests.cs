using System.Security.Cryptography;
using Clinic.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;
using ErrorCode = Clinic.Errors.ErrorCode;

namespace Clinic.Security;

public sealed class AuthorityTests
{
    private const string Route = "/api/test/user";

    [Fact]
    public async Task Tokens_of_the_authority_are_taken_and_no_others()
    {
        using var key = RSA.Create(2048);
        await using var issuer = await StartIssuerAsync(key);
        var address = Address(issuer);
        await using var api = await TestApi.StartAsync("Production", null, ("Auth:Authority", address), ("Auth:Audience", "clinic"));
        var claims = new { iss = address, aud = "clinic", sub = "u1", tenant = "t1", exp = Tokens.In(60) };
        var token = Tokens.Sign(claims, key, "k1");
        Assert.Equal(200, (await api.GetAsync(Route, token)).Status);
        Assert.Equal("u1", (await api.Services.GetRequiredService<TokenValidator>().ValidateAsync(token))!.Caller.User);

        using var other = RSA.Create(2048);
        foreach (var wrong in (string[])
        [
            Tokens.Sign(claims, other, "k1"),
            Tokens.Sign(claims with { iss = "https://issuer.example" }, key, "k1"),
            Tokens.Sign(claims with { aud = "another application" }, key, "k1"),
            Tokens.Sign(claims with { exp = Tokens.In(-1) }, key, "k1"),
            // The public key is public: as an HMAC secret it must prove nothing.
            Tokens.Make(claims, key.ExportRSAPublicKeyPem()),
            Tokens.Make(claims),
            Tokens.Make(claims, algorithm: "none"),
        ])
        {
            (await api.GetAsync(Route, wrong)).IsProblem(401, ErrorCode.Unauthenticated);
            Assert.Null(await api.Services.GetRequiredService<TokenValidator>().ValidateAsync(wrong));
        }
    }

    private static async Task<WebApplication> StartIssuerAsync(RSA key)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration["urls"] = "http://127.0.0.1:0";
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var parameters = key.ExportParameters(includePrivateParameters: false);
        app.MapGet("/.well-known/openid-configuration", () => new { issuer = Address(app), jwks_uri = $"{Address(app)}/keys" });
        app.MapGet("/keys", () => new
        {
            keys = new[]
            {
                new
                {
                    kty = "RSA", use = "sig", kid = "k1",
                    n = Base64UrlEncoder.Encode(parameters.Modulus!), e = Base64UrlEncoder.Encode(parameters.Exponent!),
                },
            },
        });
        await app.StartAsync();
        return app;
    }

    private static string Address(WebApplication app) =>
        app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
}
