using System.Collections.Concurrent;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Options;

namespace Clinic.Realtime;

/// <summary>The connections of this host. SignalR's own lifetime manager tells of them, because only it hands out what can be written to.</summary>
internal sealed class Connections(ILogger<DefaultHubLifetimeManager<ClinicHub>> logger, IOptions<RelayOptions> options, RelayMetrics metrics)
    : DefaultHubLifetimeManager<ClinicHub>(logger)
{
    private readonly ConcurrentDictionary<string, LiveConnection> _all = new();

    public ICollection<LiveConnection> All => _all.Values;

    public LiveConnection? Find(string connectionId) => _all.GetValueOrDefault(connectionId);

    public override Task OnConnectedAsync(HubConnectionContext connection)
    {
        var outlet = new ConnectionOutlet(m => connection.WriteAsync(m, CancellationToken.None), connection.Abort, options.Value, metrics);
        _all[connection.ConnectionId] = new LiveConnection(connection.ConnectionId, outlet);
        metrics.Connected();
        return base.OnConnectedAsync(connection);
    }

    public override Task OnDisconnectedAsync(HubConnectionContext connection)
    {
        if (_all.TryRemove(connection.ConnectionId, out var gone))
        {
            gone.Expiry?.Dispose();
            gone.Calls?.Dispose();
            metrics.Disconnected();
        }

        return base.OnDisconnectedAsync(connection);
    }
}
