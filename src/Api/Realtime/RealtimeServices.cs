using System.Text.Json;
using Clinic.Hosts;
using Clinic.Presence;
using MessagePack;
using MessagePack.Resolvers;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Clinic.Realtime;

/// <summary>Registers the hub, the relay and what keeps them in touch with the silos.</summary>
internal static class RealtimeServices
{
    private const string HubPath = "/hubs/clinic";
    private const int MaxHubMessage = 32 * 1024;

    public static IServiceCollection AddRealtime(this IServiceCollection services, bool isDevelopment)
    {
        services.AddOptions<RelayOptions>().BindConfiguration("Relay").ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<PresenceOptions>().BindConfiguration("Presence").ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<HostLivenessOptions>().BindConfiguration("Hosts").ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<HostIdentity>();
        services.AddSingleton<HostSilos>();
        services.AddSingleton<RelayMetrics>();
        services.AddSingleton<TopicRelay>();
        services.AddSingleton<TopicGate>();
        services.AddSingleton<Participation>();
        services.AddSingleton<ChartParticipation>();
        services.AddSingleton<ConnectionTokens>();
        services.AddSingleton<Connections>();
        services.AddSingleton<HubLifetimeManager<ClinicHub>>(s => s.GetRequiredService<Connections>());
        services.AddHostedService<ChartReview>();
        services.AddSingleton<HostStreamReader>();
        services.AddHostedService(s => s.GetRequiredService<HostStreamReader>());
        services.AddSingleton<HostBeat>();
        services.AddHostedService(s => s.GetRequiredService<HostBeat>());
        services.AddSingleton<HostDrain>();
        services.AddHostedService(s => s.GetRequiredService<HostDrain>());
        services.AddHealthChecks().AddCheck<RealtimeHealth>("realtime", HealthStatus.Unhealthy, ["ready"]);
        services
            .AddSignalR(hub =>
            {
                hub.MaximumReceiveMessageSize = MaxHubMessage;
                hub.EnableDetailedErrors = isDevelopment;
                hub.KeepAliveInterval = TimeSpan.FromSeconds(10);
                hub.ClientTimeoutInterval = TimeSpan.FromSeconds(40);
                hub.AddFilter<HubCallFilter>();
            })
            .AddMessagePackProtocol(protocol => protocol.SerializerOptions = MessagePackSerializerOptions.Standard
                .WithResolver(CompositeResolver.Create(new JsonShapedResolver(new JsonSerializerOptions(JsonSerializerDefaults.Web)), StandardResolver.Instance))
                .WithSecurity(MessagePackSecurity.UntrustedData));
        RefusingProtocol.Wrap(services);
        services.AddSingleton<HubCallFilter>();
        return services;
    }

    /// <summary>The part of the pipeline that has to be in front of authentication.</summary>
    public static void UseRealtime(this IApplicationBuilder app)
    {
        // SignalR's own pings can't find a dead peer within 10 s; with these its socket is dead after at most 5 s, and the grace comes after that.
        app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.FromSeconds(2), KeepAliveTimeout = TimeSpan.FromSeconds(3) });
        app.UseWhen(context => context.Request.Path.StartsWithSegments(HubPath), hub => hub.Use(next => context => CloseWatch.WatchAsync(context, next)));
    }

    public static void MapRealtime(this IEndpointRouteBuilder routes)
    {
        routes.MapHub<ClinicHub>(HubPath, hub =>
        {
            hub.CloseOnAuthenticationExpiration = false;
            // With the others a cut cable is noticed after 40 s: see docs/decisions/0014.
            hub.Transports = Microsoft.AspNetCore.Http.Connections.HttpTransportType.WebSockets;
        });
        routes.MapPresence();
    }
}
