using System.Text.Json.Serialization;
using Clinic.Presence;
using Clinic.Topics;

namespace Clinic.Patients;

/// <summary>Asks a chart who is present; null while the topic does not know for certain itself.</summary>
internal delegate Task<IReadOnlyList<PresenceEntry>?> AskChart(TopicId chart);

/// <summary>
/// Tells those who write to a chart who else has it open. It is a warning, so a write waits for it a moment at most, and hardly ever while
/// realtime is down: after a failure nobody asks for a while.
/// </summary>
internal sealed partial class ChartViewers(AskChart ask, TimeProvider time, ILogger<ChartViewers> logger)
{
    /// <summary>How long a write waits for the answer.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(200);

    /// <summary>For how long nobody asks after a failure.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private long _askFrom;

    /// <summary>The others who have the chart open, by user; null when it is not known.</summary>
    public async Task<IReadOnlyList<ChartViewer>?> OthersAsync(TopicId chart, string user)
    {
        if (time.GetUtcNow().UtcTicks < Volatile.Read(ref _askFrom))
        {
            return null;
        }

        try
        {
            using var limit = new CancellationTokenSource(Limit, time);
            var asked = ask(chart);
            // A late failure is nobody's any more.
            asked.Ignore();
            return (await asked.WaitAsync(limit.Token))?
                .Where(entry => entry.Viewing is not null && entry.User != user)
                .OrderBy(entry => entry.User, StringComparer.Ordinal)
                .Select(entry => new ChartViewer(entry.User, entry.Name, entry.Editing is [] ? null : entry.Editing))
                .ToList();
        }
        catch (Exception e)
        {
            // Whatever it was, the write goes on without.
            Volatile.Write(ref _askFrom, (time.GetUtcNow() + Pause).UtcTicks);
            NotKnown(chart.Key, e.GetType().Name);
            return null;
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Who has chart {Chart} open could not be asked ({Reason}); writes to charts go on without for 5 s.")]
    private partial void NotKnown(string chart, string reason);
}

/// <summary>Somebody who has a chart open.</summary>
/// <param name="User">The user.</param>
/// <param name="Name">The user's name.</param>
/// <param name="Editing">The sections they hold; left out when there are none.</param>
internal sealed record ChartViewer(
    string User, string Name, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Editing);
