using System.Text;
using System.Text.Json;
using Clinic.Peers;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.SignalR;
using Microsoft.IdentityModel.Tokens;

// SignalR as its documentation sets it up: JWT bearer, groups, and with REDIS_URL the Redis backplane. Told by the environment:
// ASPNETCORE_URLS, SIGNING_KEY, SERVICE_KEY, REDIS_URL.
var builder = WebApplication.CreateBuilder(args);
var serviceKey = $"ServiceKey {builder.Configuration["SERVICE_KEY"]}";
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.Services.AddSingleton<Participants>();
builder.Services.AddAuthorization();
builder.Services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer(bearer =>
{
    bearer.MapInboundClaims = false;
    bearer.TokenValidationParameters = new TokenValidationParameters
    {
        IssuerSigningKey = new SymmetricSecurityKey(Encoding.UTF8.GetBytes(builder.Configuration["SIGNING_KEY"]!)),
        ValidateIssuer = false,
        ValidateAudience = false,
    };
    // A browser can't set a header on a WebSocket: the token comes in the query, as the documentation has it.
    bearer.Events = new JwtBearerEvents
    {
        OnMessageReceived = context =>
        {
            context.Token = context.Request.Path.StartsWithSegments("/hubs", StringComparison.Ordinal) ? context.Request.Query["access_token"] : default;
            return Task.CompletedTask;
        },
    };
});
var signalR = builder.Services.AddSignalR();
if (builder.Configuration["REDIS_URL"] is { Length: > 0 } redis)
{
    signalR.AddStackExchangeRedis(redis, options => options.Configuration.ChannelPrefix = StackExchange.Redis.RedisChannel.Literal("peer"));
}

var app = builder.Build();
app.UseAuthentication();
app.UseAuthorization();
app.MapHub<PeerHub>("/hubs/peer");
app.MapGet("/health/ready", () => "ready");
app.MapPost("/api/events", async (HttpContext http, PublishedEvent body, IHubContext<PeerHub> hub) =>
{
    if (http.Request.Headers.Authorization != serviceKey)
    {
        return Results.Unauthorized();
    }

    await hub.Clients.Group(PeerHub.GroupOf(http.Request.Headers["X-Tenant"]!, body.Topic)).SendAsync("event", body);
    return Results.Accepted();
});
app.MapPost("/api/messaging", (HttpContext http, NewThread body, Participants participants) =>
{
    if (http.Request.Headers.Authorization != serviceKey)
    {
        return Results.Unauthorized();
    }

    participants.Set(PeerHub.GroupOf(http.Request.Headers["X-Tenant"]!, $"thread:{body.Id}"), body.Participants);
    return Results.StatusCode(StatusCodes.Status201Created);
});
await app.RunAsync();

/// <summary>What a backend publishes to a topic.</summary>
internal sealed record PublishedEvent(string Topic, string Type, string Id, JsonElement Data);

/// <summary>A thread and who takes part in it.</summary>
internal sealed record NewThread(string Id, IReadOnlyList<string> Participants);
