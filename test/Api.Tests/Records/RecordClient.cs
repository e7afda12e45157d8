using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Clinic.Security;

namespace Clinic.Records;

/// <summary>Somebody who calls record routes.</summary>
internal sealed class RecordClient(HttpClient http, string tenant, string? user, string[] roles, bool isService)
{
    private readonly string _caller = TestCaller.Header(new Caller(tenant, user, user is null ? "a backend" : $"{user}'s name", roles, isService));

    public string Tenant => tenant;

    public Task<Reply> GetAsync(string path) => SendAsync(HttpMethod.Get, path, null);

    public Task<Reply> PostAsync(string path, string body, string? key = null, string? lease = null) =>
        SendAsync(HttpMethod.Post, path, body, key, lease);

    public Task<Reply> PatchAsync(string path, string? body = null, string? key = null, string? lease = null) =>
        SendAsync(HttpMethod.Patch, path, body, key, lease);

    public Task<Reply> DeleteAsync(string path, string? key = null) => SendAsync(HttpMethod.Delete, path, null, key);

    public async Task<Reply> SendAsync(HttpMethod method, string path, string? body, string? key = null, string? lease = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        request.Headers.Add("X-Test-Caller", _caller);
        if (key is not null)
        {
            request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        }

        if (lease is not null)
        {
            request.Headers.Add("X-Edit-Lease", lease);
        }

        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        using var response = await http.SendAsync(request);
        return new Reply(
            response.StatusCode,
            await response.Content.ReadAsStringAsync(),
            response.Headers.Location?.OriginalString,
            response.Headers.Contains("Idempotent-Replayed"),
            response.Headers.RetryAfter?.ToString(),
            response.Content.Headers.ContentType?.MediaType);
    }
}

/// <summary>An answer of a record route.</summary>
internal sealed record Reply(HttpStatusCode Status, string Body, string? Location, bool Replayed, string? RetryAfter, string? MediaType)
{
    public JsonNode Json => JsonNode.Parse(Body)!;

    public string Id => Json["id"]!.GetValue<string>();

    public Reply Expect(HttpStatusCode status)
    {
        Assert.True(Status == status, $"Expected {status}, got {Status}: {Body}");
        return this;
    }

    /// <summary>A problem document with this status and code, and faults of exactly these fields.</summary>
    public void ExpectProblem(HttpStatusCode status, string code, params string[] fields)
    {
        Expect(status);
        Assert.Equal("application/problem+json", MediaType);
        Assert.Equal(code, Json["code"]!.GetValue<string>());
        Assert.Equal(fields.Order(), (Json["errors"]?.AsObject().Select(e => e.Key) ?? []).Order(), StringComparer.OrdinalIgnoreCase);
    }
}
