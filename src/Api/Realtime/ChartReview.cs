using Clinic.Charts;
using Clinic.Errors;
using Clinic.Presence;
using Clinic.Topics;

namespace Clinic.Realtime;

/// <summary>Takes a chart from connections of this host that may not see it any more, when a restriction has changed.</summary>
internal sealed partial class ChartReview(TopicRelay relay, Connections connections, ChartGuard guard, Participation participation, TimeProvider time, ILogger<ChartReview> logger)
    : IHostedService
{
    private const int MaxTries = 5;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        relay.OnChartChanged((chart, ids) => _ = ReviewAsync(chart, [.. ids.Select(connections.Find).OfType<LiveConnection>()]));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Ends what some connections see of a chart and may not.</summary>
    /// <param name="chart">The chart.</param>
    /// <param name="those">The connections that follow it or have it open.</param>
    public async Task ReviewAsync(TopicId chart, IReadOnlyList<LiveConnection> those)
    {
        foreach (var user in those.GroupBy(connection => connection.User))
        {
            var pass = await PassAsync(chart, user.Key);
            foreach (var connection in user)
            {
                var view = connection.Present.GetValueOrDefault(chart)?.Viewing;
                if (!pass.MayKeep(view))
                {
                    participation.End(connection, chart, DepartureKind.Revoked, "restricted");
                }
                else if (view is null)
                {
                    // It may have come while the chart was not restricted, and stays for as long as the user's reason is good.
                    participation.LimitTo(connection, chart, pass.Glass);
                }
            }
        }
    }

    /// <summary>Asks a few times: a database that is away for a moment must not take everybody's charts, and tells of nothing new meanwhile.</summary>
    private async Task<ChartPass> PassAsync(TopicId chart, string user)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await guard.AskAsync(chart, user);
            }
            catch (Exception e) when (tries == MaxTries || !Outage.Is(e))
            {
                // Whoever may see it opens it again when the database is back.
                NotKnown(logger, chart.Key, Outage.NameOf(e));
                return ChartPass.NeedsReason;
            }
            catch (Exception)
            {
                await Task.Delay(Pause, time);
            }
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Who may still see chart {Chart} could not be read: {Reason}. Its connections are told to open it again.")]
    private static partial void NotKnown(ILogger logger, string chart, string reason);
}
