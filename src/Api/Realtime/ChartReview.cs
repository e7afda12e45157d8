using Clinic.Charts;
using Clinic.Presence;
using Clinic.Topics;

namespace Clinic.Realtime;

/// <summary>Takes a chart from connections of this host that may not see it any more, when a restriction has changed.</summary>
internal sealed partial class ChartReview(TopicRelay relay, Connections connections, ChartGuard guard, Participation participation, ILogger<ChartReview> logger)
    : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        relay.OnChartChanged((chart, ids) => _ = ReviewAsync(chart, ids));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task ReviewAsync(TopicId chart, IReadOnlyList<string> ids)
    {
        foreach (var connection in ids.Select(connections.Find).OfType<LiveConnection>())
        {
            if (!(await PassAsync(chart, connection.User)).MayKeep(connection.Present.GetValueOrDefault(chart)?.Viewing))
            {
                participation.End(connection, chart, DepartureKind.Revoked, "restricted");
            }
        }
    }

    private async Task<ChartPass> PassAsync(TopicId chart, string user)
    {
        try
        {
            return await guard.AskAsync(chart, user);
        }
        catch (Exception e)
        {
            // Whoever may see it opens it again when the database is back.
            NotKnown(logger, chart.Key, e.GetType().Name);
            return ChartPass.NeedsReason;
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Who may still see chart {Chart} could not be read: {Reason}. Its connections are told to open it again.")]
    private static partial void NotKnown(ILogger logger, string chart, string reason);
}
