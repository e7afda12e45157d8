using System.Collections.Concurrent;
using System.Threading.RateLimiting;
using Clinic.Presence;
using Clinic.Security;
using Clinic.Topics;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace Clinic.Realtime;

/// <summary>One client's connection to this host: who it is, what it takes part in, how to reach it.</summary>
internal sealed class LiveConnection(string id, ConnectionOutlet outlet)
{
    /// <summary>Room for what most connections have; there are thousands of them.</summary>
    private const int FewTopics = 3;

    private long _typingStamp;

    public string Id => id;

    public ConnectionOutlet Outlet => outlet;

    /// <summary>Who it is; set before the first hub method runs.</summary>
    public Caller Caller { get; set; } = null!;

    public string User => Caller.User!;

    /// <summary>Topics it is subscribed to.</summary>
    public ConcurrentDictionary<TopicId, bool> Subscribed { get; } = new(concurrencyLevel: 1, FewTopics);

    /// <summary>Topics it is present on, with its presence there.</summary>
    public ConcurrentDictionary<TopicId, ConnectionPresence> Present { get; } = new(concurrencyLevel: 1, FewTopics);

    /// <summary>Restricted charts that it may see until a time, with what ends that.</summary>
    public ConcurrentDictionary<TopicId, ITimer> Limited { get; } = new(concurrencyLevel: 1, FewTopics);

    /// <summary>Set when it ended; what a call of it still does then is undone by that call.</summary>
    public bool IsGone { get; set; }

    /// <summary>Set when the server ended it, so that the client's polite answer is not taken for its wish.</summary>
    public bool IsEndedByServer { get; private set; }

    public PresenceStatus Status { get; set; } = PresenceStatus.Active;

    /// <summary>Ends the connection when its token does.</summary>
    public ITimer? Expiry { get; set; }

    /// <summary>Its share of calls; null when there is no limit.</summary>
    public RateLimiter? Calls { get; set; }

    /// <summary>What it would look like to others on a topic.</summary>
    public ConnectionPresence PresenceOn(TopicId topic, DateTimeOffset now) =>
        Present.TryGetValue(topic, out var present)
            ? present with { Status = Status, IsPrivacyOfficer = IsPrivacyOfficer }
            : new ConnectionPresence(Id, User, Caller.Name, Caller.Role, Status, now, null, 0, IsPrivacyOfficer);

    private bool IsPrivacyOfficer => Caller.Has(Roles.PrivacyOfficer);

    /// <summary>A new sign of typing.</summary>
    public long NextTypingStamp() => ++_typingStamp;

    /// <summary>Tells the client why, and ends the connection.</summary>
    public void End(string reason, TimeSpan retryAfter)
    {
        IsEndedByServer = true;
        var closing = new InvocationMessage(ClientMethods.Closing, [new WireClosing(reason, (int)retryAfter.TotalMilliseconds)]);
        outlet.Send(new SerializedHubMessage(closing), 100);
        outlet.End();
    }
}
