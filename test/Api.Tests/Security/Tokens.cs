using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;

namespace Clinic.Security;

/// <summary>Makes tokens by hand, so that a test can make wrong ones too.</summary>
internal static class Tokens
{
    public static string Make(
        object claims, string key = AuthOptions.DevelopmentKey, string algorithm = "HS256")
    {
        var body = Part(new { alg = algorithm, typ = "JWT" }) + "." + Part(claims);
        var secret = Encoding.UTF8.GetBytes(key);
        var bytes = Encoding.ASCII.GetBytes(body);
        return body + "." + algorithm switch
        {
            "none" => "",
            "HS512" => Base64UrlEncoder.Encode(HMACSHA512.HashData(secret, bytes)),
            _ => Base64UrlEncoder.Encode(HMACSHA256.HashData(secret, bytes)),
        };
    }

    public static string Sign(object claims, RSA key, string? keyId = null)
    {
        var body = Part(new { alg = "RS256", typ = "JWT", kid = keyId }) + "." + Part(claims);
        return body + "." + Base64UrlEncoder.Encode(key.SignData(Encoding.ASCII.GetBytes(body), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }

    public static long In(double seconds) => TimeProvider.System.GetUtcNow().AddSeconds(seconds).ToUnixTimeSeconds();

    public static string Of(string tenant, string user, params string[] roles) =>
        Make(new { sub = user, tenant, name = $"Name of {user}", roles, exp = In(600) });

    private static string Part(object value) => Base64UrlEncoder.Encode(JsonSerializer.SerializeToUtf8Bytes(value));
}
