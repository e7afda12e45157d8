using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Clinic.Load.Clients;

/// <summary>Gives each user a token: signed here with the server's key, or asked of the server's development route.</summary>
internal sealed class TokenSource(HttpClient http, Uri server, string? signingKey, TimeProvider time)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(4);
    private static readonly string[] Roles = ["staff"];

    public async Task<string> TokenAsync(string tenant, string user, CancellationToken cancellation)
        => signingKey is null ? await AskAsync(tenant, user, cancellation) : Sign(tenant, user, signingKey);

    private async Task<string> AskAsync(string tenant, string user, CancellationToken cancellation)
    {
        using var answer = await http.PostAsJsonAsync(
            new Uri(server, "/dev/token"),
            new { tenant, user, name = user, roles = Roles, expiresInSeconds = (int)Lifetime.TotalSeconds },
            cancellation);
        if (!answer.IsSuccessStatusCode)
        {
            throw new InvalidOperationException(
                $"/dev/token answered {(int)answer.StatusCode}; outside Development give --signing-key");
        }

        var body = await answer.Content.ReadFromJsonAsync<JsonElement>(cancellation);
        return body.GetProperty("token").GetString()!;
    }

    private string Sign(string tenant, string user, string key)
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        var header = Base64Url("{\"alg\":\"HS256\",\"typ\":\"JWT\"}"u8);
        var claims = JsonSerializer.SerializeToUtf8Bytes(new
        {
            sub = user,
            name = user,
            tenant,
            roles = Roles,
            iat = now,
            exp = now + (long)Lifetime.TotalSeconds,
        });
        var signed = $"{header}.{Base64Url(claims)}";
        return $"{signed}.{Base64Url(HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(signed)))}";
    }

    private static string Base64Url(ReadOnlySpan<byte> bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);
}
