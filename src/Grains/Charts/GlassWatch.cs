using Clinic.Escalation;
using Clinic.Topics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Clinic.Charts;

/// <summary>Knows for how long a restricted chart opens with a reason, and who is to hear of it.</summary>
internal sealed partial class GlassWatch(
    IOptions<ChartOptions> charts, IOptions<PrivacyOptions> privacy, AskClinic ask, TellUser tell, ChartMetrics metrics, TimeProvider time, ILogger<GlassWatch> logger)
{
    /// <summary>A clinic that does not say in time who is present must not make the notification late; those who are named in the options hear of it.</summary>
    private static readonly TimeSpan AskLimit = TimeSpan.FromMilliseconds(300);

    private readonly Dictionary<string, string[]> _named = privacy.Value.Officers.ToDictionary(c => c.Clinic, c => c.Users, StringComparer.Ordinal);

    public TimeSpan For { get; } = charts.Value.BreakGlassFor;

    /// <summary>Those who answer for privacy in a chart's clinic: whoever is named in the options, and whoever is online with the role; without the user themselves.</summary>
    public async Task<Officers> FindOfficersAsync(TopicId patient, string user) => OfficersOf(patient.Tenant, user, await AskAsync(patient.Tenant));

    /// <summary>The same, of who is online.</summary>
    public Officers OfficersOf(string tenant, string user, OfficersOnline online)
    {
        string[] users = [.. _named.GetValueOrDefault(tenant, []).Concat(online.Users).Where(officer => officer != user).Distinct(StringComparer.Ordinal)];
        return new Officers(users, online.IsWhole && users.Length > 0);
    }

    /// <summary>Asks a clinic who is online with the role; those who are just reconnecting are.</summary>
    public async Task<OfficersOnline> AskAsync(string tenant)
    {
        try
        {
            var present = await ask(TopicId.ForTenant(tenant)).WaitAsync(AskLimit, time);
            return new OfficersOnline([.. present.Entries.Where(e => e.IsPrivacyOfficer).Select(e => e.User)], present.Complete);
        }
        catch (Exception e)
        {
            NotAsked(tenant, e.GetType().Name);
            return new OfficersOnline([], IsWhole: false);
        }
    }

    /// <summary>It is on record with the notifications: gets them on their way. Nothing waits for that; what is not told now the silos' chores find.</summary>
    public void Recorded(AccessInterval interval, IReadOnlyList<string> officers)
    {
        metrics.GlassBroken(officers.Count > 0);
        if (officers.Count == 0)
        {
            NobodyToNotify(interval.Patient.Key, interval.User, interval.Id);
        }

        Tell(interval.Patient.Tenant, officers);
    }

    /// <summary>Gets stored notifications on their way.</summary>
    public void Tell(string tenant, IReadOnlyList<string> officers)
    {
        foreach (var officer in officers)
        {
            _ = TellAsync(TopicId.ForUser(tenant, officer));
        }
    }

    private async Task TellAsync(TopicId officer)
    {
        try
        {
            await tell(officer);
        }
        catch (Exception e)
        {
            NotTold(officer.Key, e.GetType().Name);
        }
    }

    [LoggerMessage(3, LogLevel.Error, "Restricted chart {Patient} was opened by {User} with a reason, and there is no privacy officer to notify; the first who signs in will be. The access log has it as interval {Interval}.")]
    private partial void NobodyToNotify(string patient, string user, string interval);

    [LoggerMessage(4, LogLevel.Warning, "Clinic {Tenant} did not say which privacy officers are present: {Reason}. Those of the options are notified, the others when it does.")]
    private partial void NotAsked(string tenant, string reason);

    [LoggerMessage(5, LogLevel.Warning, "{Topic} did not take the events of a notification: {Reason}. They are stored and are taken later.")]
    private partial void NotTold(string topic, string reason);
}
