using Clinic.Charts;
using Clinic.Errors;
using Clinic.Presence;
using Clinic.Security;
using Clinic.Topics;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Extensions.Options;

namespace Clinic.Realtime;

/// <summary>What a connection does on topics, once it is allowed to: keeps the connection's own book, the relay and the grains in step.</summary>
internal sealed class Participation(
    TopicRelay relay, ITopicAuthorizer authorizer, ChartGuard guard, IGrainFactory grains, IOptions<RelayOptions> options, IOptions<PresenceOptions> presenceOptions, HostDrain drain,
    TimeProvider time)
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

        await AuthorizeAsync(connection, topic);
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
                LimitTo(connection, topic, (await PassAsync(connection, topic)).Glass);
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

            await AuthorizeAsync(connection, thread);
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

    public async Task<WireViewers> OpenChartAsync(LiveConnection connection, TopicId patient, string? reason)
    {
        await RequireAsync(connection, patient);
        if (!connection.Present.ContainsKey(patient)
            && connection.Present.Keys.Count(topic => topic.Kind == TopicKind.Patient) >= options.Value.MaxTopicsPerConnection)
        {
            throw HubError.LimitExceeded($"a connection may have {options.Value.MaxTopicsPerConnection} charts open");
        }

        var wasOpen = connection.Present.ContainsKey(patient);
        var isRefused = false;
        var view = await ViewOfAsync(connection, patient, reason);
        try
        {
            await ViewAsync(connection, patient, view);
            var snapshot = await grains.GetGrain<IPatientGrain>(patient.Key).OpenedAsync(connection.User);
            if (view.BreakGlass is null)
            {
                // Again, as in SubscribeAsync. What was opened with a reason is on record as such.
                isRefused = !(await guard.AskAsync(patient, connection.User)).MaySee;
                if (isRefused)
                {
                    throw HubError.ReasonRequired();
                }
            }

            return new WireViewers([.. snapshot.Entries.Select(WireEntry.From)]);
        }
        catch (Exception)
        {
            // Nobody looks without a record of it, and nobody who may not. What was open and on record before this call stays otherwise.
            if (!wasOpen || isRefused || connection.IsGone)
            {
                Withdraw(connection, patient, DepartureKind.Closed);
            }

            throw;
        }
    }

    public async Task<WireViewers> CloseChartAsync(LiveConnection connection, TopicId patient)
    {
        var wasOpen = connection.Present.TryRemove(patient, out _);
        if (wasOpen)
        {
            await relay.WithdrawAndWaitAsync(patient, connection.Id, DepartureKind.Closed);
        }

        await RequireAsync(connection, patient);
        if (connection.Limited.ContainsKey(patient) && !(await guard.AskAsync(patient, connection.User)).MaySee)
        {
            // The reason was good for as long as the chart was open, so what it says goes with it. Also when a call before this one did not come to its end.
            Unlimit(connection, patient);
            End(connection, patient, DepartureKind.Closed, "closed");
        }
        else if (!wasOpen)
        {
            await PassAsync(connection, patient);
        }

        var snapshot = await grains.GetTopic(patient).GetPresenceAsync();
        return new WireViewers([.. snapshot.Entries.Select(WireEntry.From)]);
    }

    /// <summary>Editing is looking: a chart that is not open yet is opened by it.</summary>
    public async Task<WireEdit> BeginEditAsync(LiveConnection connection, TopicId patient, string section, bool takeOver)
    {
        if (connection.Present.ContainsKey(patient))
        {
            await AuthorizeAsync(connection, patient);
        }
        else
        {
            await OpenChartAsync(connection, patient, null);
        }

        var grain = grains.GetGrain<IPatientGrain>(patient.Key);
        var editor = new Editor(connection.Id, connection.User, connection.Caller.Name);
        var result = takeOver ? await grain.TakeOverEditAsync(editor, section) : await grain.BeginEditAsync(editor, section);
        if (!result.Granted && result.HeldBy is null)
        {
            throw HubError.Conflict("the section can't be given now");
        }

        return new WireEdit(
            result.Granted, result.Lease, result.HeldBy is { } holder ? new WireHolder(holder.User, holder.Name, holder.Since.UtcDateTime) : null);
    }

    public async Task EndEditAsync(LiveConnection connection, TopicId patient, string section)
    {
        await RequireAsync(connection, patient);
        await grains.GetGrain<IPatientGrain>(patient.Key).EndEditAsync(new Editor(connection.Id, connection.User, connection.Caller.Name), section);
    }

    /// <summary>Ends what the connection's present roles do not allow any more, and tells its client to load it anew.</summary>
    public async Task ReviewAsync(LiveConnection connection)
    {
        Enter(connection);
        foreach (var topic in connection.Subscribed.Keys.Union(connection.Present.Keys))
        {
            if (await AccessAsync(connection, topic) == TopicAccess.Allowed)
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

    /// <summary>Refuses what the authorizer does not allow, in the words of <see cref="ErrorCode"/>, and restricted charts that were not opened with a reason.</summary>
    public async Task AuthorizeAsync(LiveConnection connection, TopicId topic)
    {
        await RequireAsync(connection, topic);
        if (topic.Kind == TopicKind.Patient)
        {
            await PassAsync(connection, topic);
        }
    }

    private async Task<ChartPass> PassAsync(LiveConnection connection, TopicId chart)
    {
        var pass = await guard.AskAsync(chart, connection.User);
        return pass.MaySee ? pass : throw HubError.ReasonRequired();
    }

    private async Task RequireAsync(LiveConnection connection, TopicId topic)
    {
        switch (await AccessAsync(connection, topic))
        {
            case TopicAccess.Allowed:
                return;
            case TopicAccess.Forbidden:
                throw HubError.Forbidden();
            default:
                throw HubError.NotFound();
        }
    }

    private ValueTask<TopicAccess> AccessAsync(LiveConnection connection, TopicId topic) =>
        authorizer.AuthorizeAsync(new TopicRequest(topic, connection.User, connection.Caller.Roles), CancellationToken.None);

    private async Task<ChartView> ViewOfAsync(LiveConnection connection, TopicId patient, string? reason)
    {
        var pass = await guard.AskAsync(patient, connection.User);
        var open = connection.Present.GetValueOrDefault(patient)?.Viewing;
        return pass.Open(open, reason, time.GetUtcNow(), guard.For, out var view) switch
        {
            ChartOpening.Opened => view!,
            ChartOpening.ReasonMissing => throw HubError.ReasonRequired(),
            _ => throw HubError.Invalid("reason", $"has at least {ChartPass.MinReason} characters"),
        };
    }

    private async Task ViewAsync(LiveConnection connection, TopicId patient, ChartView view)
    {
        var presence = connection.PresenceOn(patient, time.GetUtcNow()) with { Viewing = view };
        connection.Present[patient] = presence;
        LimitTo(connection, patient, view.BreakGlass);
        await relay.ContributeAndWaitAsync(patient, presence);
        UndoIfGone(connection, patient);
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

    private static void Unlimit(LiveConnection connection, TopicId chart)
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

    private void Withdraw(LiveConnection connection, TopicId topic, DepartureKind kind)
    {
        connection.Present.TryRemove(topic, out _);
        relay.Withdraw(topic, connection.Id, kind);
    }

    private void UndoIfGone(LiveConnection connection, TopicId topic)
    {
        if (connection.IsGone)
        {
            Withdraw(connection, topic, DepartureKind.Broken);
        }
    }
}
