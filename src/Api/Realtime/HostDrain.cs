using Clinic.Hosts;
using Microsoft.Extensions.Options;

namespace Clinic.Realtime;

/// <summary>
/// Takes this host out of service without anybody noticing: clients are told when to come back, spread over a few seconds; their users stay visible meanwhile; the silos
/// forget the host.
/// </summary>
internal sealed partial class HostDrain(
    Connections connections, IServiceProvider services, HostIdentity host, HostSilos silos, IGrainFactory grains, IHostApplicationLifetime lifetime, IOptions<RelayOptions> options, TimeProvider time, ILogger<HostDrain> logger)
    : IHostedService
{
    private static readonly TimeSpan LeaveLimit = TimeSpan.FromSeconds(3);
    private CancellationTokenRegistration _stopping;

    /// <summary>Set once the host is stopping.</summary>
    public bool IsDraining { get; private set; }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        // Registered late, so called before SignalR's own: the clients hear why before they are cut off.
        _stopping = lifetime.ApplicationStopping.Register(SayGoodbye);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        try
        {
            await services.GetRequiredService<TopicRelay>().LeaveAsync().WaitAsync(LeaveLimit, time, cancellationToken);
            await Task.WhenAll(silos.All.Select(s => grains.GetGrain<ISiloGrain>(s).LeaveAsync(host.Id))).WaitAsync(LeaveLimit, time, cancellationToken);
        }
        catch (Exception e)
        {
            // The silos notice by themselves a few seconds later.
            NotLeft(logger, e.GetType().Name);
        }

        await _stopping.DisposeAsync();
    }

    private void SayGoodbye()
    {
        IsDraining = true;
        var all = connections.All;
        Draining(logger, all.Count);
        foreach (var connection in all)
        {
            connection.End("shutdown", options.Value.DrainSpread * Random.Shared.NextDouble());
        }
    }

    [LoggerMessage(1, LogLevel.Information, "The host is stopping; {Connections} connections are told to reconnect.")]
    private static partial void Draining(ILogger logger, int connections);

    [LoggerMessage(2, LogLevel.Warning, "The host could not take leave of the silos: {Reason}.")]
    private static partial void NotLeft(ILogger logger, string reason);
}
