namespace Clinic.Faults.Check;

/// <summary>What the histories say.</summary>
/// <param name="Violations">Every broken promise that was found.</param>
/// <param name="Gone">For each death and each watcher who could see it, how many seconds later the user was shown as gone.</param>
/// <param name="Deliveries">Events that readers took.</param>
/// <param name="Recovered">Events that they took from an answer, after a reconnect.</param>
/// <param name="Reloads">Times a reader was told to reload.</param>
/// <param name="Holds">Leases that were granted.</param>
internal sealed record Findings(
    IReadOnlyList<Violation> Violations, IReadOnlyList<double> Gone, long Deliveries, long Recovered, long Reloads, int Holds);

/// <summary>Decides from what everybody noted whether the promises held; knows nothing of servers.</summary>
internal static class Checker
{
    public static Findings Check(History history)
    {
        var events = new EventCheck(history);
        events.Run();
        var presence = new PresenceCheck(history);
        presence.Run();
        return new Findings(
            [.. events.Violations, .. presence.Violations, .. EditCheck.Run(history), .. ForeignBytes(history)],
            presence.Gone,
            events.Deliveries,
            events.Recovered,
            events.Reloads,
            history.Holds.Count);
    }

    private static IEnumerable<Violation> ForeignBytes(History history) =>
        history.Marks.Where(mark => mark.MarkOf != mark.Receiver.Clinic)
            .Select(mark => new Violation(Breach.ForeignBytes, $"{mark.Receiver} was sent bytes with the mark of {mark.MarkOf} at {mark.At:0.0} s"));
}
