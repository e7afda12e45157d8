using Clinic.Presence;
using Clinic.Topics;

namespace Clinic.Charts;

/// <summary>A patient's chart: its topic, who has it open and who edits which section.</summary>
[Alias("Clinic.IPatientGrain")]
public interface IPatientGrain : ITopicGrain
{
    /// <summary>
    /// After the user's host reported the open chart: the viewers, once it is on record that the user has the chart open. Without the record nobody
    /// gets to look.
    /// </summary>
    /// <exception cref="InvalidOperationException">It could not be recorded.</exception>
    [Alias("Opened")]
    Task<PresenceSnapshot> OpenedAsync(string user);

    /// <summary>
    /// Asks for a section. The connection has to have the chart open. The holder's own connection gets its lease again; a user whose holding
    /// connection broke gets the lease with the new one.
    /// </summary>
    [Alias("BeginEdit")]
    Task<EditResult> BeginEditAsync(Editor editor, string section);

    /// <summary>Gives a section back. Not holding it is no error.</summary>
    [Alias("EndEdit")]
    Task EndEditAsync(Editor editor, string section);

    /// <summary>Takes a section from whoever holds it; the former holder's lease is worth nothing from then on.</summary>
    [Alias("TakeOverEdit")]
    Task<EditResult> TakeOverEditAsync(Editor editor, string section);

    /// <summary>Settles what a crash left: open access intervals and edits whose connections are gone. Called by the sweep.</summary>
    [Alias("Settle")]
    Task SettleAsync();
}
