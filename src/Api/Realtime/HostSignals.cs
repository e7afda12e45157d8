using Clinic.Hosts;
using Clinic.Streams;

namespace Clinic.Realtime;

/// <summary>
/// Takes this host's signals to the silos of their topics. What comes for a silo while a call to it is under way, or has only just begun, goes together in the next one:
/// a call costs far more than the signals in it.
/// </summary>
internal sealed partial class HostSignals(string host, IGrainFactory grains, RelayMetrics metrics, TimeProvider time, ILogger logger)
{
    /// <summary>Signals that may wait for a silo, those of 2,500 a second while a call runs into its limit; the newest beyond it are dropped.</summary>
    internal const int MaxWaiting = 5000;

    /// <summary>At most 2 MB of data a call.</summary>
    internal const int MaxBatch = 500;

    /// <summary>From the beginning of one call to a silo to that of the next: on an idle machine calls end too soon to gather anything.</summary>
    internal static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(2);

    /// <summary>Of the silos that are being called, and no others: what is kept for a silo goes when nothing more comes for it, so one that died leaves nothing behind.</summary>
    private readonly Dictionary<string, Queue<SignalItem>> _waiting = [];

    /// <summary>Sends a signal to the other hosts that are attached to its topic on the silo; does not wait. Those for one silo go in the order they came.</summary>
    public void Send(string silo, SignalItem signal)
    {
        lock (_waiting)
        {
            if (_waiting.TryGetValue(silo, out var waiting))
            {
                if (waiting.Count < MaxWaiting)
                {
                    waiting.Enqueue(signal);
                }
                else
                {
                    metrics.SignalsDropped(1);
                }

                return;
            }

            _waiting[silo] = new Queue<SignalItem>([signal]);
        }

        _ = CallAsync(silo);
    }

    private async Task CallAsync(string silo)
    {
        while (Take(silo) is { Length: > 0 } signals)
        {
            var pause = Task.Delay(Pause, time);
            try
            {
                await grains.GetGrain<ISiloGrain>(silo).SignalAsync(host, signals).WaitAsync(CallLimit, time);
            }
            catch (Exception e)
            {
                // The silo is going or gone, and its topics attach this host elsewhere. Signals are best effort: later they would help nobody.
                metrics.SignalsDropped(signals.Length);
                SignalsLost(logger, signals.Length, silo, e.GetType().Name);
            }

            await pause;
        }
    }

    private SignalItem[] Take(string silo)
    {
        lock (_waiting)
        {
            var waiting = _waiting[silo];
            var signals = new SignalItem[Math.Min(waiting.Count, MaxBatch)];
            for (var i = 0; i < signals.Length; i++)
            {
                signals[i] = waiting.Dequeue();
            }

            if (signals.Length == 0)
            {
                _waiting.Remove(silo);
            }

            return signals;
        }
    }

    // The logger is the relay's, whose shards have 1 and 2.
    [LoggerMessage(3, LogLevel.Debug, "{Count} signals did not get to silo {Silo}: {Reason}.")]
    private static partial void SignalsLost(ILogger logger, int count, string silo, string reason);
}
