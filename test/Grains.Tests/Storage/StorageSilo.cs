using System.Net;
using System.Net.Sockets;
using Clinic.Databases;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Storage;

namespace Clinic.Storage;

/// <summary>A silo that has its storage from this project and little else.</summary>
internal sealed class StorageSilo : IAsyncDisposable
{
    public const string Streams = "probe";
    private readonly IHost _host;

    private StorageSilo(IHost host) => _host = host;

    public IServiceProvider Services => _host.Services;

    public IMembershipTable Membership => Services.GetRequiredService<IMembershipTable>();

    public IReminderTable Reminders => Services.GetRequiredService<IReminderTable>();

    public IGrainStorage Storage(string name) => Services.GetRequiredKeyedService<IGrainStorage>(name);

    /// <summary>Makes one that is not started: enough for its tables.</summary>
    public static StorageSilo Create(FreshDatabase database, string cluster = "probe")
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddClinicStorage(database.Options);
        builder.UseOrleans(silo =>
        {
            var (port, gateway) = (FreePort(), FreePort());
            if (database.Options.Provider == StorageProvider.Sqlite)
            {
                silo.UseLocalhostClustering(port, gateway, serviceId: cluster, clusterId: cluster);
            }
            else
            {
                silo.Configure<ClusterOptions>(o => o.ClusterId = o.ServiceId = cluster);
                silo.ConfigureEndpoints(IPAddress.Loopback, port, gateway);
            }

            silo.UseClinicStorage(database.Options);
            silo.AddMemoryStreams(Streams);
        });
        return new StorageSilo(builder.Build());
    }

    public static async Task<StorageSilo> StartAsync(FreshDatabase database)
    {
        var silo = Create(database);
        await silo._host.StartAsync();
        return silo;
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
