using Clinic.Soak.Sampling;

namespace Clinic.Soak.Results;

/// <summary>One of the quantities that are followed.</summary>
/// <param name="What">Its name, which its picture has too.</param>
/// <param name="Unit">The unit it is shown in.</param>
/// <param name="Least">A change that means nothing, in that unit.</param>
/// <param name="Of">Its values at an instant, by process or table.</param>
internal sealed record Measure(string What, string Unit, double Least, Func<Sample, IEnumerable<KeyValuePair<string, double>>> Of)
{
    private const double Megabyte = 1024 * 1024;

    /// <summary>Tables that grow by what was agreed: an event's id is remembered for 24 h, and who opened which chart for good.</summary>
    private static readonly HashSet<string> GrowByAgreement = ["used_event_id", "access_entry", "chart_access"];

    public static IReadOnlyList<Measure> All { get; } =
    [
        new("memory", "MB", 8, sample => Processes(sample, state => state.Memory / Megabyte)),
        new("handles", "open files", 8, sample => Processes(sample, state => state.Handles)),
        new("threads", "threads", 4, sample => Processes(sample, state => state.Threads)),
        new("database", "MB", 1, sample => Tables(sample, agreed: false)),
        new("database-by-agreement", "MB", double.PositiveInfinity, sample => Tables(sample, agreed: true)),
    ];

    private static IEnumerable<KeyValuePair<string, double>> Processes(Sample sample, Func<ProcessState, double> value) =>
        sample.Processes.Select(pair => KeyValuePair.Create(pair.Key, value(pair.Value)));

    private static IEnumerable<KeyValuePair<string, double>> Tables(Sample sample, bool agreed) =>
        sample.Tables.Where(pair => GrowByAgreement.Contains(pair.Key) == agreed).Select(pair => KeyValuePair.Create(pair.Key, pair.Value / Megabyte));
}
