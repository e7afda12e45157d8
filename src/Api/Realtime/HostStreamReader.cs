using System.Threading.Channels;
using Clinic.Hosts;
using Clinic.Streams;
using Microsoft.Extensions.Options;
using Orleans.Streams;

namespace Clinic.Realtime;

/// <summary>
/// Reads this host's stream. The stream's callback only puts batches into a channel; here they are checked, confirmed, and given to the relay in the order of their outbox.
/// </summary>
internal sealed partial class HostStreamReader(
    HostIdentity host, IClusterClient cluster, TopicRelay relay, HostSilos silos, IOptions<RelayOptions> options, RelayMetrics metrics, TimeProvider time, ILogger<HostStreamReader> logger)
    : BackgroundService, IAsyncObserver<HostBatch>
{
    private static readonly TimeSpan AskPause = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    /// <summary>How long a batch may wait for others to be confirmed with: far below what a silo sends again after.</summary>
    private static readonly TimeSpan ConfirmPause = TimeSpan.FromMilliseconds(50);

    /// <summary>So many are not kept waiting: a quarter of an outbox's window.</summary>
    private const int ConfirmAtOnce = 8;

    private readonly Channel<HostBatch> _batches = Channel.CreateUnbounded<HostBatch>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Dictionary<string, SiloFeed> _silos = [];
    private Task _checking = Task.CompletedTask;
    private Guid _own;

    /// <summary>Whether the stream is subscribed to.</summary>
    public bool IsSubscribed { get; private set; }

    private IAsyncStream<HostBatch> Stream => cluster.GetStreamProvider(HostStreams.Provider).GetStream<HostBatch>(HostStreams.For(host.Id));

    public Task OnNextAsync(HostBatch item, StreamSequenceToken? token = null)
    {
        _batches.Writer.TryWrite(item);
        return Task.CompletedTask;
    }

    public Task OnErrorAsync(Exception ex)
    {
        StreamFailed(logger, ex);
        return Task.CompletedTask;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await SubscribeAsync(stoppingToken);
            var running = relay.RunAsync(stoppingToken);
            await ReadAsync(stoppingToken);
            await running;
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    private async Task SubscribeAsync(CancellationToken stopping)
    {
        while (!IsSubscribed)
        {
            try
            {
                await SubscribeOnceAsync();
                IsSubscribed = true;
                Subscribed(logger, host.Id);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                NotSubscribed(logger, host.Id, e.GetType().Name);
                await Task.Delay(Look, time, stopping);
            }
        }
    }

    private async Task SubscribeOnceAsync()
    {
        _own = (await Stream.SubscribeAsync(this)).HandleId;
        try
        {
            // Of an attempt whose answer did not come: what comes over its subscription finds no reader here, or comes twice.
            foreach (var other in (await Stream.GetAllSubscriptionHandles()).Where(handle => handle.HandleId != _own))
            {
                await other.UnsubscribeAsync();
            }
        }
        catch (Exception e)
        {
            // Its batches are known by their numbers.
            LeftBehind(logger, host.Id, e.GetType().Name);
        }
    }

    private async Task ReadAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(Look, time);
        var tick = timer.WaitForNextTickAsync(stopping).AsTask();
        var ready = _batches.Reader.WaitToReadAsync(stopping).AsTask();
        while (true)
        {
            await Task.WhenAny(tick, ready);
            if (ready.IsCompleted)
            {
                await ready;
                while (_batches.Reader.TryRead(out var batch))
                {
                    Take(batch);
                }

                ready = _batches.Reader.WaitToReadAsync(stopping).AsTask();
            }

            if (tick.IsCompleted)
            {
                await tick;
                FindSilent();
                tick = timer.WaitForNextTickAsync(stopping).AsTask();
            }
        }
    }

    private void Take(HostBatch batch)
    {
        metrics.BatchReceived();
        if (!_silos.TryGetValue(batch.Silo, out var feed))
        {
            feed = new SiloFeed(batch.Silo);
            _silos.Add(batch.Silo, feed);
        }

        feed.LastHeard = time.GetTimestamp();
        feed.SilenceToldAt = 0;
        silos.Add(batch.Silo);
        var verdict = feed.Tracker.Judge(batch, out var isNew);
        if (isNew)
        {
            NewOutbox(logger, batch.Silo);
            relay.OutboxIs(batch.Silo, batch.Outbox);
        }

        switch (verdict)
        {
            case OutboxVerdict.Take:
                // Behind the items: a relay that can't keep up is not given more than the outbox's window.
                relay.Take(batch.Items, () => Confirm(feed, batch.Outbox, batch.Sequence));
                break;
            case OutboxVerdict.AskAgain:
                AskAgain(feed);
                break;
            default:
                if (batch.Items.Length > 0 && batch.Outbox == feed.Tracker.Outbox)
                {
                    // Sent again although it is here: the confirmation was lost, or the relay is not through with it yet. What it is through with is confirmed again.
                    Confirm(feed, batch.Outbox, 0);
                }

                break;
        }
    }

    /// <summary>Some batches are confirmed together, or what there is after a moment; one confirmation a silo is under way at a time, and the next one says where things are by then.</summary>
    private void Confirm(SiloFeed feed, string outbox, long sequence)
    {
        switch (feed.NoteToConfirm(outbox, sequence))
        {
            case ConfirmationDue.AtOnce:
                _ = ConfirmAsync(feed);
                break;
            case ConfirmationDue.Soon:
                _ = ConfirmSoonAsync(feed);
                break;
            default:
                break;
        }
    }

    private async Task ConfirmSoonAsync(SiloFeed feed)
    {
        await Task.Delay(ConfirmPause, time);
        if (feed.TakeTurn())
        {
            await ConfirmAsync(feed);
        }
    }

    private async Task ConfirmAsync(SiloFeed feed)
    {
        var silo = cluster.GetGrain<ISiloGrain>(feed.Silo);
        while (feed.TakeToConfirm() is var (outbox, sequence))
        {
            try
            {
                await silo.ConfirmAsync(host.Id, outbox, sequence);
            }
            catch (Exception e)
            {
                // The outbox sends again what it believes is missing, and is told then.
                NotConfirmed(logger, feed.Silo, e.GetType().Name);
            }
        }
    }

    private void AskAgain(SiloFeed feed)
    {
        if (feed.AskedAt != 0 && time.GetElapsedTime(feed.AskedAt) < AskPause)
        {
            return;
        }

        feed.AskedAt = time.GetTimestamp();
        metrics.ResendAsked();
        _ = AskAsync(feed.Silo, feed.Tracker.Outbox!, feed.Tracker.Sequence);
    }

    private async Task AskAsync(string silo, string outbox, long afterSequence)
    {
        try
        {
            await cluster.GetGrain<ISiloGrain>(silo).ResendAsync(host.Id, outbox, afterSequence);
        }
        catch (Exception e)
        {
            // Its next beat shows the hole again.
            NotConfirmed(logger, silo, e.GetType().Name);
        }
    }

    private void FindSilent()
    {
        // A host that stood still for a while was taken for dead, and its subscription was removed.
        if (_silos.Count > 0 && _checking.IsCompleted && _silos.Values.All(feed => time.GetElapsedTime(feed.LastHeard) > options.Value.OutboxSilence))
        {
            _checking = SubscribeAgainAsync();
        }

        var known = silos.All;
        foreach (var feed in _silos.Values.Where(feed => time.GetElapsedTime(feed.LastHeard) > options.Value.OutboxSilence))
        {
            if (feed.SilenceToldAt == 0)
            {
                SiloSilent(logger, feed.Silo);
            }
            else if (!known.Contains(feed.Silo) || time.GetElapsedTime(feed.SilenceToldAt) <= options.Value.OutboxSilence)
            {
                // It is gone, and its topics are elsewhere. One that is there and still silent has gone on emitting since its topics were attached, which showed how far they were.
                continue;
            }

            feed.SilenceToldAt = time.GetTimestamp();
            relay.AttachAgain(feed.Silo, "silence");
        }
    }

    private async Task SubscribeAgainAsync()
    {
        try
        {
            if ((await Stream.GetAllSubscriptionHandles()).All(handle => handle.HandleId != _own))
            {
                await SubscribeOnceAsync();
                SubscribedAgain(logger, host.Id);
            }
        }
        catch (Exception e)
        {
            // No silo answers: the next look tries again.
            NotSubscribed(logger, host.Id, e.GetType().Name);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Host {Host} reads its stream.")]
    private static partial void Subscribed(ILogger logger, string host);

    [LoggerMessage(2, LogLevel.Warning, "Host {Host} could not subscribe to its stream: {Reason}; trying again every second. That is so until the first silo runs.")]
    private static partial void NotSubscribed(ILogger logger, string host, string reason);

    [LoggerMessage(3, LogLevel.Warning, "The host's stream reports an error; what it lost is asked for again.")]
    private static partial void StreamFailed(ILogger logger, Exception e);

    [LoggerMessage(4, LogLevel.Information, "Silo {Silo} has a new outbox for this host; topics that were attached before it are attached again.")]
    private static partial void NewOutbox(ILogger logger, string silo);

    [LoggerMessage(5, LogLevel.Warning, "The outbox of silo {Silo} is silent; its topics are attached again, wherever they are now.")]
    private static partial void SiloSilent(ILogger logger, string silo);

    [LoggerMessage(6, LogLevel.Debug, "Silo {Silo} did not take a confirmation or a request: {Reason}.")]
    private static partial void NotConfirmed(ILogger logger, string silo, string reason);

    [LoggerMessage(8, LogLevel.Debug, "Host {Host} did not look for subscriptions left behind: {Reason}.")]
    private static partial void LeftBehind(ILogger logger, string host, string reason);

    [LoggerMessage(7, LogLevel.Warning, "The subscription of host {Host} to its stream was gone, as after a standstill of this process; it was made again.")]
    private static partial void SubscribedAgain(ILogger logger, string host);

    private enum ConfirmationDue
    {
        /// <summary>Somebody else sees to it.</summary>
        Covered,
        Soon,
        AtOnce,
    }

    private sealed class SiloFeed(string silo)
    {
        private readonly Lock _lock = new();
        private (string Outbox, long Sequence) _last = ("", 0);
        private (string Outbox, long Sequence) _lastConfirmed = ("", 0);
        private bool _toConfirm;
        private bool _soon;
        private bool _confirming;

        public string Silo => silo;

        public OutboxTracker Tracker { get; } = new();

        public long LastHeard { get; set; }

        /// <summary>When its topics were attached again because of its silence; 0 while it is heard.</summary>
        public long SilenceToldAt { get; set; }

        public long AskedAt { get; set; }

        /// <summary>Notes what to confirm; of two the later one, which is confirmed again if it was before.</summary>
        public ConfirmationDue NoteToConfirm(string outbox, long sequence)
        {
            lock (_lock)
            {
                var order = string.CompareOrdinal(outbox, _last.Outbox);
                if (order > 0 || (order == 0 && sequence > _last.Sequence))
                {
                    _last = (outbox, sequence);
                }

                _toConfirm = true;
                if (_confirming)
                {
                    return ConfirmationDue.Covered;
                }

                if (_last.Outbox != _lastConfirmed.Outbox || _last.Sequence - _lastConfirmed.Sequence >= ConfirmAtOnce)
                {
                    _confirming = true;
                    return ConfirmationDue.AtOnce;
                }

                if (_soon)
                {
                    return ConfirmationDue.Covered;
                }

                _soon = true;
                return ConfirmationDue.Soon;
            }
        }

        /// <summary>The moment is over.</summary>
        /// <returns>True when nobody is confirming yet, and the caller should.</returns>
        public bool TakeTurn()
        {
            lock (_lock)
            {
                _soon = false;
                return !_confirming && (_confirming = true);
            }
        }

        public (string Outbox, long Sequence)? TakeToConfirm()
        {
            lock (_lock)
            {
                if (!_toConfirm)
                {
                    _confirming = false;
                    return null;
                }

                _toConfirm = false;
                return _lastConfirmed = _last;
            }
        }
    }
}
