using System.Net;
using System.Net.Sockets;
using Clinic.Charts;
using Clinic.Escalation;
using Clinic.Presence;
using Clinic.Storage;
using Clinic.Streams;
using Clinic.Topics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Streams;

namespace Clinic.Hosts;

/// <summary>Sets up Orleans: a silo of a cluster, a silo inside the Api, or the Api as a cluster's client.</summary>
public static class ClinicOrleans
{
    private const string ClusterName = "clinic";

    /// <summary>A silo process of a cluster, with its membership in PostgreSQL.</summary>
    public static IHostApplicationBuilder AddClusterSilo(this IHostApplicationBuilder builder, StorageOptions storage)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = Options(builder.Configuration);
        AddBefore(builder);
        builder.UseOrleans(silo =>
        {
            silo.UseClinicStorage(storage);
            silo.Configure<EndpointOptions>(endpoint => SetEndpoint(endpoint, IPAddress.Parse(options.Address), options.Port, options.GatewayPort));
            // A killed silo is out after 2 to 3 s. One that hangs is not voted on for as long as something of it came within MaxProbeTimeout times
            // NumMissedProbesLimit (ClusterHealthMonitor of Orleans 10.4), so that these two bound how long its topics stand still, and how long its users who died
            // are shown: with 1.25 s it is out after 4 to 5 s, with 2 s it took 6 to 8. Two votes need three silos.
            silo.Configure<ClusterMembershipOptions>(membership =>
            {
                membership.ProbeTimeout = TimeSpan.FromSeconds(1);
                membership.MaxProbeTimeout = TimeSpan.FromSeconds(1.25);
                membership.NumMissedProbesLimit = 3;
                membership.NumVotesForDeathDeclaration = 2;
                membership.TableRefreshTimeout = TimeSpan.FromSeconds(5);
            });
            AddClinicSilo(silo);
        });
        AddAfter(builder);
        return builder;
    }

    /// <summary>The silo inside an Api process: no other process joins, so no membership is stored.</summary>
    public static IHostApplicationBuilder AddEmbeddedSilo(this IHostApplicationBuilder builder, StorageOptions storage)
    {
        ArgumentNullException.ThrowIfNull(builder);
        AddBefore(builder);
        var section = builder.Configuration.GetSection("Silo");
        builder.UseOrleans(silo =>
        {
            var port = section.GetValue<int?>("Port") ?? FreePort();
            var gatewayPort = section.GetValue<int?>("GatewayPort") ?? FreePort();
            silo.UseLocalhostClustering(port, gatewayPort, serviceId: ClusterName, clusterId: ClusterName);
            silo.UseClinicStorage(storage);
            silo.Configure<EndpointOptions>(endpoint => SetEndpoint(endpoint, IPAddress.Loopback, port, gatewayPort));
            AddClinicSilo(silo);
            silo.Services.Configure<HostLivenessOptions>(hosts => hosts.IsAlone = true);
        });
        AddAfter(builder);
        return builder;
    }

    /// <summary>An Api host as a client of a cluster's silos.</summary>
    public static IHostApplicationBuilder AddClusterClient(this IHostApplicationBuilder builder, StorageOptions storage)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.TryAddSingleton(TimeProvider.System);
        // The client's start waits for the first silo; a host that comes up while there is none writes records all the same.
        builder.Services.Configure<HostOptions>(host => host.ServicesStartConcurrently = true);
        builder.UseOrleansClient(client =>
        {
            client.UseClinicMembership(storage);
            client.Configure<ClusterOptions>(SetCluster);
            client.Configure<ClientMessagingOptions>(messaging => messaging.ResponseTimeout = TimeSpan.FromSeconds(4));
            // Calls that went to the gateway of a hung silo wait until the host knows that it is out.
            client.Configure<GatewayOptions>(gateway => gateway.GatewayListRefreshPeriod = TimeSpan.FromSeconds(1));
            client.UseConnectionRetryFilter<SiloWait>();
            client.AddPersistentStreams(HostStreams.Provider, HostQueueAdapter.Create, streams =>
                streams.ConfigureStreamPubSub(StreamPubSubType.ExplicitGrainBasedOnly));
        });
        return builder;
    }

    /// <summary>What every silo has, also one of a test cluster.</summary>
    internal static void AddClinicSilo(ISiloBuilder silo)
    {
        silo.Configure<ClusterOptions>(SetCluster);
        silo.Configure<SiloMessagingOptions>(messaging =>
        {
            messaging.ResponseTimeout = TimeSpan.FromSeconds(5);
            messaging.SystemResponseTimeout = TimeSpan.FromSeconds(5);
            messaging.ClientDropTimeout = TimeSpan.FromSeconds(5);
        });
        silo.AddPlacementDirector<NamedSiloPlacement, NamedSiloPlacementDirector>();
        silo.AddPersistentStreams(HostStreams.Provider, HostQueueAdapter.Create, streams =>
        {
            streams.ConfigureStreamPubSub(StreamPubSubType.ExplicitGrainBasedOnly);
            streams.ConfigurePartitionBalancing((_, _) => new OwnQueues());
            // The agents end after the grains: what topics say when they leave is still delivered.
            streams.ConfigureLifecycle(lifecycle => lifecycle.Configure(o => o.StartStage = ServiceLifecycleStage.GrainDeactivation - 1));
            streams.ConfigurePullingAgent(agent => agent.Configure(o =>
            {
                // The receiver waits for messages itself; this is only the pause after an empty read.
                o.GetQueueMsgsTimerPeriod = TimeSpan.FromMilliseconds(10);
                // A host that does not take its batches must not hold up the others of its queue; what it misses it asks for.
                o.MaxEventDeliveryTime = TimeSpan.FromSeconds(5);
            }));
        });
        silo.Services.AddSingleton<SiloDirectory>();
        silo.Services.AddSingleton<HostOutbox>();
        silo.Services.AddSingleton<HostDirectory>();
        silo.Services.AddSingleton<IHostBatchSender, StreamBatchSender>();
        silo.Services.AddSingleton<StreamMetrics>();
        silo.Services.AddSingleton<TopicMetrics>();
        silo.Services.AddSingleton<EventCommitter>();
        silo.Services.AddSingleton<TopicServices>();
        silo.Services.AddSingleton<EscalationMetrics>();
        silo.Services.AddSingleton<EscalationStore>();
        silo.Services.AddSingleton<Escalator>();
        silo.Services.AddSingleton<AskClinic>(s => tenant => s.GetRequiredService<IGrainFactory>().GetTopic(tenant).GetPresenceAsync());
        silo.Services.AddSingleton<TellUser>(s => user => s.GetRequiredService<IGrainFactory>().GetTopic(user).DrainAsync());
        silo.Services.AddSingleton<ChartMetrics>();
        silo.Services.AddSingleton<GlassWatch>();
        silo.Services.AddSingleton<GlassDebts>();
        AddOptions<EventLogOptions>(silo.Services, "EventLog");
        AddOptions<PresenceOptions>(silo.Services, "Presence");
        AddOptions<ChartOptions>(silo.Services, "Charts");
        AddOptions<PrivacyOptions>(silo.Services, "Privacy");
        AddOptions<OutboxOptions>(silo.Services, "Outbox");
        AddOptions<HostLivenessOptions>(silo.Services, "Hosts");
    }

    /// <summary>The services that run beside the grains; they start after the silo.</summary>
    internal static void AddBeside(IServiceCollection services)
    {
        services.AddHostedService(s => s.GetRequiredService<HostOutbox>());
        services.AddHostedService(s => s.GetRequiredService<HostDirectory>());
        services.AddHostedService<SiloChores>();
        services.AddHostedService<EscalationSweep>();
    }

    private static void AddBefore(IHostApplicationBuilder builder)
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<ClusterClock>();
        builder.Services.AddHostedService(s => s.GetRequiredService<ClusterClock>());
    }

    private static void AddAfter(IHostApplicationBuilder builder) => AddBeside(builder.Services);

    private static SiloOptions Options(IConfiguration configuration) => configuration.GetSection("Silo").Get<SiloOptions>() ?? new SiloOptions();

    private static void SetCluster(ClusterOptions cluster) => cluster.ClusterId = cluster.ServiceId = ClusterName;

    private static void SetEndpoint(EndpointOptions endpoint, IPAddress address, int port, int gatewayPort)
    {
        endpoint.AdvertisedIPAddress = address;
        endpoint.SiloPort = port;
        endpoint.GatewayPort = gatewayPort;
        endpoint.SiloListeningEndpoint = new IPEndPoint(address, port);
        endpoint.GatewayListeningEndpoint = new IPEndPoint(address, gatewayPort);
    }

    private static void AddOptions<T>(IServiceCollection services, string section)
        where T : class =>
        services.AddOptions<T>().BindConfiguration(section).ValidateDataAnnotations().ValidateOnStart();

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
