using Clinic.Charts;
using Clinic.Storage;
using Clinic.Streams;
using Clinic.Topics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Streams;
using Orleans.Streams.PubSub;

namespace Clinic.Hosts;

/// <summary>
/// What one silo of the cluster does for all: has pending events taken into their logs that a crash left behind, pays owed notifications of restricted charts, has charts
/// settle what an outage left open, forgets expired event ids, leaves the mark of <see cref="ClusterClock"/>, removes the stream subscriptions of hosts that are gone.
/// </summary>
internal sealed partial class SiloChores(
    IServiceProvider services, IGrainFactory grains, IEventStore events, IChartStore charts, GlassDebts glass, SiloDirectory silos, HostDirectory hosts, ClusterClock clock, TimeProvider time, ILogger<SiloChores> logger)
    : BackgroundService
{
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PendingAge = TimeSpan.FromSeconds(1);
    private const int Page = 500;
    private const int ExpiryPage = 5000;
    private const int MaxExpiryPages = 50;
    private long _round;
    private string _chartsAfter = "";
    private bool _failing;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Round, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                if (silos.Leads)
                {
                    await RunRoundAsync(stoppingToken);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    private async Task RunRoundAsync(CancellationToken stopping)
    {
        try
        {
            await DrainPendingAsync(stopping);
            await glass.PayAsync(stopping);
            if (_round % 5 == 0)
            {
                await clock.MarkAsync(stopping);
                await SettleChartsAsync(stopping);
            }

            if (_round % 60 == 0)
            {
                await ExpireIdsAsync(stopping);
                await RemoveDeadSubscriptionsAsync();
            }

            _round++;
            if (_failing)
            {
                _failing = false;
                Recovered(logger);
            }
        }
        catch (Exception e) when (e is not OperationCanceledException || !stopping.IsCancellationRequested)
        {
            // The next round tries again; one line when it starts to fail is enough.
            if (!_failing)
            {
                Failed(logger, e);
            }

            _failing = true;
        }
    }

    private async Task ExpireIdsAsync(CancellationToken stopping)
    {
        // As many as a minute of the fastest publishing adds, a page at a time: a write holds the database for a page only.
        for (var page = 0; page < MaxExpiryPages && await events.ExpireIdsAsync(time.GetUtcNow(), ExpiryPage, stopping) == ExpiryPage; page++)
        {
        }
    }

    private async Task DrainPendingAsync(CancellationToken stopping)
    {
        var topics = await events.FindTopicsWithPendingAsync(time.GetUtcNow() - PendingAge, Page, stopping);
        await ForEachAsync(topics, topic => grains.GetTopic(topic).DrainAsync());
    }

    private async Task SettleChartsAsync(CancellationToken stopping)
    {
        var patients = await charts.FindUnsettledAsync(_chartsAfter, Page, stopping);
        _chartsAfter = patients.Count == Page ? patients[^1].Key : "";
        await ForEachAsync(patients, patient => grains.GetGrain<IPatientGrain>(patient.Key).SettleAsync());
    }

    private async Task ForEachAsync(IReadOnlyList<TopicId> topics, Func<TopicId, Task> act)
    {
        foreach (var chunk in topics.Chunk(50))
        {
            await Task.WhenAll(chunk.Select(async topic =>
            {
                try
                {
                    await act(topic);
                }
                catch (Exception e)
                {
                    TopicFailed(logger, topic.Key, e.GetType().Name);
                }
            }));
        }
    }

    /// <summary>A host's stream has one subscription, made when it started; nobody reads it any more when the host is gone.</summary>
    private async Task RemoveDeadSubscriptionsAsync()
    {
        if (!services.GetRequiredKeyedService<IStreamProvider>(HostStreams.Provider).TryGetStreamSubscriptionManager(out var subscriptions))
        {
            throw new InvalidOperationException("The stream provider has no subscription manager.");
        }

        foreach (var host in hosts.TakeGone())
        {
            try
            {
                foreach (var subscription in await subscriptions.GetSubscriptions(HostStreams.Provider, HostStreams.For(host)))
                {
                    await subscriptions.RemoveSubscription(HostStreams.Provider, HostStreams.For(host), subscription.SubscriptionId);
                }
            }
            catch (Exception e)
            {
                hosts.StillGone(host);
                SubscriptionStays(logger, host, e.GetType().Name);
            }
        }
    }

    [LoggerMessage(1, LogLevel.Error, "The silo's chores fail; they are tried again every second.")]
    private static partial void Failed(ILogger logger, Exception e);

    [LoggerMessage(2, LogLevel.Information, "The silo's chores work again.")]
    private static partial void Recovered(ILogger logger);

    [LoggerMessage(3, LogLevel.Warning, "Topic {Topic} could not be looked after: {Reason}. It is tried again.")]
    private static partial void TopicFailed(ILogger logger, string topic, string reason);

    [LoggerMessage(4, LogLevel.Warning, "The stream subscription of host {Host}, which is gone, could not be removed: {Reason}. It is tried again.")]
    private static partial void SubscriptionStays(ILogger logger, string host, string reason);
}
