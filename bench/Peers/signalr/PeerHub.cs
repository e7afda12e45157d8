using System.Text.Json;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.SignalR;

namespace Clinic.Peers;

/// <summary>Joins a caller to what they may read, and passes signals on to the others there.</summary>
[Authorize]
internal sealed class PeerHub(Participants participants) : Hub
{
    private string Tenant => Context.User!.FindFirst("tenant")!.Value;

    private string User => Context.User!.FindFirst("sub")!.Value;

    private HashSet<string> Joined => (HashSet<string>)(Context.Items["joined"] ??= new HashSet<string>());

    public static string GroupOf(string tenant, string topic) => $"{tenant}/{topic}";

    public async Task Join(string topic)
    {
        var group = GroupOf(Tenant, topic);
        if (topic != "tenant" && !participants.Has(group, User))
        {
            throw new HubException("not_found");
        }

        await Groups.AddToGroupAsync(Context.ConnectionId, group);
        Joined.Add(group);
    }

    public Task Signal(string topic, string name, JsonElement data)
    {
        var group = GroupOf(Tenant, topic);
        return Joined.Contains(group)
            ? Clients.OthersInGroup(group).SendAsync("signal", new { topic, name, data, by = User })
            : throw new HubException("not_found");
    }
}
