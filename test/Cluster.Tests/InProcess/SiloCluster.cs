using Clinic.Charts;
using Clinic.Databases;
using Clinic.Hosts;
using Clinic.Storage;
using Clinic.Streams;
using Clinic.Topics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Streams;
using Orleans.TestingHost;

namespace Clinic.InProcess;

/// <summary>Three silos of the product in this process, on PostgreSQL, and a client of theirs; silos are killed, stopped and added one test after another.</summary>
public sealed class SiloCluster : IAsyncLifetime
{
    private FreshDatabase _database = null!;
    private InProcessTestCluster _cluster = null!;

    public IClusterClient Client => _cluster.Client;

    internal IChartStore Charts => _cluster.Silos[0].ServiceProvider.GetRequiredService<IChartStore>();

    public async Task InitializeAsync()
    {
        _database = await FreshDatabase.CreateAsync(StorageProvider.PostgreSql);
        var builder = new InProcessTestClusterBuilder(3);
        builder.Options.ClusterId = builder.Options.ServiceId = "clinic";
        builder.Options.ConfigureFileLogging = false;
        builder.ConfigureHost(host => host.Logging.ClearProviders());
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddClinicStorage(_database.Options);
            silo.UseClinicGrainStorage(_database.Options);
            silo.Configure<ClusterMembershipOptions>(membership =>
            {
                membership.ProbeTimeout = TimeSpan.FromSeconds(1);
                membership.MaxProbeTimeout = TimeSpan.FromSeconds(2);
                membership.NumMissedProbesLimit = 3;
                membership.NumVotesForDeathDeclaration = 2;
                membership.TableRefreshTimeout = TimeSpan.FromSeconds(5);
            });
            ClinicOrleans.AddClinicSilo(silo);
            silo.Services.AddSingleton<ClusterClock>();
            silo.Services.AddHostedService(s => s.GetRequiredService<ClusterClock>());
            ClinicOrleans.AddBeside(silo.Services);
        });
        builder.ConfigureClient(client =>
        {
            client.Configure<ClientMessagingOptions>(messaging => messaging.ResponseTimeout = TimeSpan.FromSeconds(4));
            client.Configure<GatewayOptions>(gateway => gateway.GatewayListRefreshPeriod = TimeSpan.FromSeconds(2));
            client.AddPersistentStreams(HostStreams.Provider, HostQueueAdapter.Create, streams =>
                streams.ConfigureStreamPubSub(StreamPubSubType.ExplicitGrainBasedOnly));
        });
        _cluster = builder.Build();
        await _cluster.DeployAsync();
    }

    public async Task DisposeAsync()
    {
        await _cluster.StopAllSilosAsync();
        await _cluster.DisposeAsync();
        await _database.DisposeAsync();
    }

    /// <summary>Ends the silo that a topic is on, without a word.</summary>
    internal async Task KillSiloOfAsync(TopicId topic) => await _cluster.KillSiloAsync(await SiloOfAsync(topic));

    /// <summary>Stops the silo that a topic is on, in an orderly way.</summary>
    internal async Task StopSiloOfAsync(TopicId topic) => await _cluster.StopSiloAsync(await SiloOfAsync(topic));

    public async Task AddSiloAsync() => await _cluster.StartAdditionalSiloAsync();

    /// <summary>Publishes until it is acknowledged; the id makes the repeats harmless.</summary>
    internal async Task<long> PublishAsync(TopicId topic, string id, TimeSpan limit)
    {
        using var stop = new CancellationTokenSource(limit);
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var result = await Client.GetTopic(topic).PublishAsync(new EventDraft("test:event", id, "{}"u8.ToArray(), null)).WaitAsync(stop.Token);
                if (result.Outcome == PublishOutcome.Accepted)
                {
                    return result.Offset;
                }
            }
            catch (Exception e) when (e is OrleansException or TimeoutException or OperationCanceledException)
            {
                // A silo is going; the topic comes up elsewhere.
            }
        }

        throw new TimeoutException($"The publish of {id} to {topic} was never acknowledged.");
    }

    /// <summary>Calls until somebody answers.</summary>
    internal static async Task<T> UntilAnsweredAsync<T>(Func<Task<T>> call, string what, TimeSpan limit)
    {
        using var stop = new CancellationTokenSource(limit);
        while (!stop.IsCancellationRequested)
        {
            try
            {
                return await call().WaitAsync(stop.Token);
            }
            catch (Exception e) when (e is OrleansException or TimeoutException or OperationCanceledException)
            {
                // As above.
            }
        }

        throw new TimeoutException($"Nobody answered: {what}.");
    }

    private async Task<InProcessSiloHandle> SiloOfAsync(TopicId topic)
    {
        var address = await Client.GetGrain<IManagementGrain>(0).GetActivationAddress(Client.GetTopic(topic));
        return _cluster.GetSiloForAddress(address!)!;
    }
}
