using Clinic.Charts;
using Clinic.Presence;
using Clinic.Topics;
using Microsoft.Extensions.Options;

namespace Clinic.Realtime;

/// <summary>What a connection does on charts: it has them open, and edits them.</summary>
internal sealed class ChartParticipation(
    Participation participation, TopicGate gate, ChartGuard guard, TopicRelay relay, IGrainFactory grains, IOptions<RelayOptions> options, TimeProvider time)
{
    public async Task<WireViewers> OpenChartAsync(LiveConnection connection, TopicId patient, string? reason)
    {
        await gate.RequireAsync(connection, patient);
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
                participation.Withdraw(connection, patient, DepartureKind.Closed);
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

        await gate.RequireAsync(connection, patient);
        if (connection.Limited.ContainsKey(patient) && !(await guard.AskAsync(patient, connection.User)).MaySee)
        {
            // The reason was good for as long as the chart was open, so what it says goes with it. Also when a call before this one did not come to its end.
            Participation.Unlimit(connection, patient);
            participation.End(connection, patient, DepartureKind.Closed, "closed");
        }
        else if (!wasOpen)
        {
            await gate.PassAsync(connection, patient);
        }

        var snapshot = await grains.GetTopic(patient).GetPresenceAsync();
        return new WireViewers([.. snapshot.Entries.Select(WireEntry.From)]);
    }

    /// <summary>Editing is looking: a chart that is not open yet is opened by it.</summary>
    public async Task<WireEdit> BeginEditAsync(LiveConnection connection, TopicId patient, string section, bool takeOver)
    {
        if (connection.Present.ContainsKey(patient))
        {
            await gate.AuthorizeAsync(connection, patient);
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
        await gate.RequireAsync(connection, patient);
        await grains.GetGrain<IPatientGrain>(patient.Key).EndEditAsync(new Editor(connection.Id, connection.User, connection.Caller.Name), section);
    }

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
        participation.LimitTo(connection, patient, view.BreakGlass);
        await relay.ContributeAndWaitAsync(patient, presence);
        participation.UndoIfGone(connection, patient);
    }
}
