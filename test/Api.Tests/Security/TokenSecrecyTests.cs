using Clinic.Hosting;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.Logging;

namespace Clinic.Security;

public sealed class TokenSecrecyTests
{
    [Fact]
    public async Task No_log_at_any_level_shows_a_token_or_a_key()
    {
        var token = Tokens.Of("t1", "u1");
        var fresh = Tokens.Of("t1", "u2");
        var wrong = Tokens.Make(new { sub = "u3", tenant = "t1", exp = Tokens.In(60) }, "another-key-that-is-long-enough-to-be-one");
        await using var api = await TestApi.StartAsync();
        await using (var hub = new HubConnectionBuilder()
            .WithUrl(new Uri(api.Address, $"/hubs/test?access_token={token}"), connection =>
            {
                connection.Transports = HttpTransportType.WebSockets;
                connection.SkipNegotiation = true;
            })
            .Build())
        {
            await hub.StartAsync();
            Assert.Equal("u1", await hub.InvokeAsync<string>("Who"));
            Assert.Equal("u2", await hub.InvokeAsync<string>("Authenticate", fresh));
            await Assert.ThrowsAnyAsync<Exception>(() => hub.InvokeAsync("NoSuchMethod", fresh));
            await Assert.ThrowsAnyAsync<Exception>(() => hub.InvokeAsync("Authenticate", fresh, fresh));
        }

        await api.SendAsync(HttpMethod.Post, $"/hubs/test/negotiate?access_token={wrong}");
        await api.GetAsync($"/hubs/nothing?access_token={token}");
        await api.GetAsync("/api/test/user", token);
        await api.GetAsync("/api/test/user", wrong);
        await api.GetAsync("/api/test/throw/bug", token);
        await api.SendAsync(HttpMethod.Get, "/api/test/caller", $"ServiceKey {TestApi.ServiceKey}", null, ("X-Tenant", "t1"));
        await api.SendAsync(HttpMethod.Get, "/api/test/caller", "ServiceKey a-wrong-key-of-the-tests", null, ("X-Tenant", "t1"));

        var entries = api.Log.Entries.ToArray();
        // The log is really taken at its finest.
        Assert.Contains(entries, entry => entry.Level == LogLevel.Trace);
        foreach (var secret in (string[])[Signature(token), Signature(fresh), Signature(wrong), TestApi.ServiceKey, "a-wrong-key-of-the-tests", AuthOptions.DevelopmentKey])
        {
            Assert.DoesNotContain(entries, entry => entry.Text.Contains(secret, StringComparison.Ordinal));
        }
    }

    private static string Signature(string token) => token[(token.LastIndexOf('.') + 1)..];
}
