using Clinic.Presence;
using Clinic.Security;
using Clinic.Topics;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Extensions.Options;

namespace Clinic.Realtime;

/// <summary>What a connection does on topics, once it is allowed to: keeps the connection's own book, the relay and the grains in step.</summary>
internal sealed class Participation(
    TopicRelay relay, TopicGate gate, IOptions<RelayOptions> options, IOptions<PresenceOptions> presenceOptions, HostDrain drain, TimeProvider time)
{
    /// <summary>The connection is online in its clinic.</summary>
    public void Enter(LiveConnection connection) => Contribute(connection, TopicId.ForTenant(connection.Caller.Tenant), p => p);

    /// <summary>The connection ended: whatever it took part in learns how.</summary>
    public void Leave(LiveConnection connection, bool onPurpose)
    {
        connection.IsGone = true;
        var kind = drain.IsDraining ? DepartureKind.Draining
            : onPurpose && !connection.IsEndedByServer ? DepartureKind.Closed
            : DepartureKind.Broken;
        foreach (var topic in connection.Present.Keys)
        {
            Withdraw(connection, topic, kind);
        }

        foreach (var topic in connection.Subscribed.Keys)
        {
            relay.Unsubscribe(connection, topic);
        }

        foreach (var topic in connection.Limited.Keys)
        {
            Unlimit(connection, topic);
        }
    }

    public async Task<WireSubscription> SubscribeAsync(LiveConnection connection, TopicId topic, LogPosition? since)
    {
        if (!connection.Subscribed.ContainsKey(topic) && connection.Subscribed.Count >= options.Value.MaxTopicsPerConnection)
        {
            throw HubError.LimitExceeded($"a connection may subscribe to {options.Value.MaxTopicsPerConnection} topics");
        }

        await gate.AuthorizeAsync(connection, topic);
        var isNew = connection.Subscribed.TryAdd(topic, true);
        try
        {
            if (topic.Kind == TopicKind.Thread)
            {
                Contribute(connection, topic, p => p);
            }

            var answer = await relay.SubscribeAsync(connection, topic, since);
            if (topic.Kind == TopicKind.Patient)
            {
                // Again: a restriction that came in between was told to those only who were there.
                LimitTo(connection, topic, (await gate.PassAsync(connection, topic)).Glass);
            }

            if (connection.IsGone)
            {
                relay.Unsubscribe(connection, topic);
            }

            return answer;
        }
        catch (Exception) when (isNew || topic.Kind == TopicKind.Patient)
        {
            // A chart that is refused now is not followed any more, even if it was before.
            Unsubscribe(connection, topic);
            throw;
        }
    }

    public void Unsubscribe(LiveConnection connection, TopicId topic)
    {
        connection.Subscribed.TryRemove(topic, out _);
        relay.Unsubscribe(connection, topic);
        if (topic.Kind == TopicKind.Thread)
        {
            Withdraw(connection, topic, DepartureKind.Closed);
        }
    }

    public void SetStatus(LiveConnection connection, PresenceStatus status)
    {
        connection.Status = status;
        foreach (var topic in connection.Present.Keys)
        {
            Contribute(connection, topic, p => p);
        }
    }

    public async Task SetTypingAsync(LiveConnection connection, TopicId thread, bool typing)
    {
        if (!connection.Present.ContainsKey(thread))
        {
            if (!typing)
            {
                return;
            }

            await gate.AuthorizeAsync(connection, thread);
        }

        var stamp = typing ? connection.NextTypingStamp() : 0;
        Contribute(connection, thread, p => p with { TypingStamp = stamp });
        if (connection.Subscribed.ContainsKey(thread))
        {
            return;
        }

        // Who is not subscribed shows on the thread for as long as they type.
        if (typing)
        {
            _ = StopShowingAsync(connection, thread, stamp);
        }
        else
        {
            Withdraw(connection, thread, DepartureKind.Closed);
        }
    }

    /// <summary>Ends what the connection's present roles do not allow any more, and tells its client to load it anew.</summary>
    public async Task ReviewAsync(LiveConnection connection)
    {
        Enter(connection);
        foreach (var topic in connection.Subscribed.Keys.Union(connection.Present.Keys))
        {
            if (await gate.AccessAsync(connection, topic) == TopicAccess.Allowed)
            {
                continue;
            }

            if (connection.Subscribed.ContainsKey(topic))
            {
                Unsubscribe(connection, topic);
                connection.Outlet.Send(new SerializedHubMessage(new InvocationMessage(ClientMethods.Reset, [new WireReset(topic.WireName)])), 100);
            }

            if (topic.Kind != TopicKind.Tenant)
            {
                Withdraw(connection, topic, DepartureKind.Closed);
            }
        }
    }

    /// <summary>Ends what a connection sees of a chart, and tells its client why.</summary>
    public void End(LiveConnection connection, TopicId chart, DepartureKind kind, string reason)
    {
        if (!connection.Subscribed.ContainsKey(chart) && !connection.Present.ContainsKey(chart))
        {
            return;
        }

        Unsubscribe(connection, chart);
        Withdraw(connection, chart, kind);
        connection.Outlet.Send(
            new SerializedHubMessage(new InvocationMessage(ClientMethods.Reset, [new WireReset(chart.WireName, reason)])), 100);
    }

    /// <summary>Has what a connection sees of a restricted chart end when the time of the reason is over.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="chart">The chart.</param>
    /// <param name="glass">The reason's time; null changes nothing.</param>
    public void LimitTo(LiveConnection connection, TopicId chart, BrokenGlass? glass)
    {
        if (glass is null)
        {
            return;
        }

        var left = glass.Until - time.GetUtcNow();
        var timer = time.CreateTimer(
            _ =>
            {
                // A later reason has a timer of its own.
                if (connection.Present.GetValueOrDefault(chart)?.Viewing?.BreakGlass is not { } current || current.Until <= glass.Until)
                {
                    Unlimit(connection, chart);
                    End(connection, chart, DepartureKind.Expired, "expired");
                }
            },
            null,
            left > TimeSpan.Zero ? left : TimeSpan.Zero,
            Timeout.InfiniteTimeSpan);
        connection.Limited.AddOrUpdate(chart, timer, (_, former) =>
        {
            former.Dispose();
            return timer;
        });
        if (connection.IsGone)
        {
            Unlimit(connection, chart);
        }
    }

    /// <summary>What a connection sees of a chart does not end by itself any more.</summary>
    public static void Unlimit(LiveConnection connection, TopicId chart)
    {
        if (connection.Limited.TryRemove(chart, out var timer))
        {
            timer.Dispose();
        }
    }

    private void Contribute(LiveConnection connection, TopicId topic, Func<ConnectionPresence, ConnectionPresence> change)
    {
        var presence = change(connection.PresenceOn(topic, time.GetUtcNow()));
        connection.Present[topic] = presence;
        relay.Contribute(topic, presence);
        UndoIfGone(connection, topic);
    }

    /// <summary>Takes somebody who typed without being subscribed from the thread when the typing is over, unless they typed on or subscribed meanwhile.</summary>
    private async Task StopShowingAsync(LiveConnection connection, TopicId thread, long stamp)
    {
        await Task.Delay(presenceOptions.Value.TypingLease, time);
        if (!connection.Present.TryGetValue(thread, out var present) || present.TypingStamp != stamp || connection.Subscribed.ContainsKey(thread))
        {
            return;
        }

        Withdraw(connection, thread, DepartureKind.Closed);
        if (connection.Subscribed.ContainsKey(thread))
        {
            Contribute(connection, thread, p => p);
        }
    }

    /// <summary>The connection takes no part in the topic any more.</summary>
    public void Withdraw(LiveConnection connection, TopicId topic, DepartureKind kind)
    {
        connection.Present.TryRemove(topic, out _);
        relay.Withdraw(topic, connection.Id, kind);
    }

    /// <summary>What was just said of a connection is taken back when it is gone already: nobody else will.</summary>
    public void UndoIfGone(LiveConnection connection, TopicId topic)
    {
        if (connection.IsGone)
        {
            Withdraw(connection, topic, DepartureKind.Broken);
        }
    }
}
