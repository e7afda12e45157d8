using Microsoft.Extensions.Logging;

namespace Clinic.Streams;

/// <summary>Sends one lane's batches to its host's stream, one after another.</summary>
internal sealed partial class LanePump
{
    private readonly string _host;
    private readonly IHostBatchSender _sender;
    private readonly OutboxOptions _options;
    private readonly TimeProvider _time;
    private readonly StreamMetrics _metrics;
    private readonly ILogger _logger;
    private readonly HostLane _lane;
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _work = new(0, 1);
    private readonly Queue<HostBatch> _again = new();
    private readonly CancellationTokenSource _stop;
    private bool _beat;

    public LanePump(
        string host, string silo, IHostBatchSender sender, OutboxOptions options, TimeProvider time, StreamMetrics metrics, ILogger logger, CancellationToken stop)
    {
        (_host, _sender, _options, _time, _metrics, _logger) = (host, sender, options, time, metrics, logger);
        _lane = new HostLane(silo, options, time.GetUtcNow().UtcTicks) { ProgressAt = time.GetTimestamp() };
        _stop = CancellationTokenSource.CreateLinkedTokenSource(stop);
        _ = Task.Run(RunAsync, CancellationToken.None);
    }

    public string Id
    {
        get
        {
            lock (_lock)
            {
                return _lane.Id;
            }
        }
    }

    public void Add(RelayItem item)
    {
        bool kept;
        lock (_lock)
        {
            kept = _lane.Add(item);
        }

        if (!kept)
        {
            _metrics.LaneRestarted();
            LaneFull(_logger, _host, _options.MaxWaitingItems);
        }

        Wake();
    }

    public void Confirm(string outbox, long sequence)
    {
        lock (_lock)
        {
            if (!_lane.Confirm(outbox, sequence))
            {
                return;
            }

            _lane.ProgressAt = _time.GetTimestamp();
        }

        Wake();
    }

    public void Resend(string outbox, long afterSequence)
    {
        lock (_lock)
        {
            var id = _lane.Id;
            SendAgain(_lane.Missing(outbox, afterSequence));
            if (_lane.Id != id)
            {
                _metrics.LaneRestarted();
            }
        }

        Wake();
    }

    /// <summary>Says that the silo is there, and sends again what has waited for its confirmation too long.</summary>
    public void Beat()
    {
        lock (_lock)
        {
            _beat = true;
            if (_lane.Unconfirmed > 0 && _time.GetElapsedTime(_lane.ProgressAt) > _options.ResendAfter)
            {
                SendAgain(_lane.Unanswered());
            }
        }

        Wake();
    }

    public void Stop() => _stop.Cancel();

    private void SendAgain(IReadOnlyList<HostBatch> batches)
    {
        if (batches.Count == 0)
        {
            // Nothing is missing, or it was asked too late: what waits to go out again stays.
            return;
        }

        _again.Clear();
        foreach (var batch in batches)
        {
            _again.Enqueue(batch);
        }

        _lane.ProgressAt = _time.GetTimestamp();
        _metrics.Resent(batches.Count);
    }

    private void Wake()
    {
        if (_work.CurrentCount == 0)
        {
            try
            {
                _work.Release();
            }
            catch (SemaphoreFullException)
            {
                // Somebody else woke it in the same moment.
            }
        }
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                await _work.WaitAsync(_stop.Token);
                while (Next() is { } batch)
                {
                    await SendAsync(batch);
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            _stop.Dispose();
        }
    }

    private HostBatch? Next()
    {
        lock (_lock)
        {
            if (_again.TryDequeue(out var again))
            {
                return again;
            }

            if (_lane.TakeBatch() is { } batch)
            {
                if (_lane.Unconfirmed == 1)
                {
                    _lane.ProgressAt = _time.GetTimestamp();
                }

                return batch;
            }

            if (_beat)
            {
                _beat = false;
                return _lane.Beat();
            }

            return null;
        }
    }

    private async Task SendAsync(HostBatch batch)
    {
        try
        {
            await _sender.SendAsync(_host, batch).WaitAsync(_stop.Token);
            _metrics.Sent(batch.Items.Length);
        }
        catch (Exception e) when (!_stop.IsCancellationRequested)
        {
            // The batch stays unconfirmed and goes out again; the pause keeps a broken stream from being hammered.
            SendFailed(_logger, _host, batch.Sequence, e);
            await Task.Delay(TimeSpan.FromMilliseconds(200), _time, _stop.Token);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The outbox could not hand batch {Sequence} to the stream of host {Host}; it will be sent again.")]
    private static partial void SendFailed(ILogger logger, string host, long sequence, Exception e);

    [LoggerMessage(2, LogLevel.Warning, "The outbox of host {Host} held {Items} items and started anew; the host recovers from the logs.")]
    private static partial void LaneFull(ILogger logger, string host, int items);
}
