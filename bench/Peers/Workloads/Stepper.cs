using System.Diagnostics;
using Clinic.Load.Events;
using Clinic.Load.Measures;
using Clinic.Peers.Results;
using Clinic.Peers.Servers;
using Clinic.Peers.Wire;

namespace Clinic.Peers.Workloads;

/// <summary>Holds a rate: a warm-up that is not measured, the measured span, and the wait for what is still under way.</summary>
internal sealed class Stepper(Peer peer, EventMeter meter)
{
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(10);

    /// <param name="perSecond">Events or signals per second.</param>
    /// <param name="receivers">Clients that each of them goes to.</param>
    /// <param name="warmup">How long before the measured span the rate begins.</param>
    /// <param name="span">The measured span.</param>
    /// <param name="crowd">Who receives.</param>
    /// <param name="send">Sends one off, by its due time and number.</param>
    /// <param name="refused">How many were not taken, so far.</param>
    /// <param name="cancellation">Ends it early.</param>
    public async Task<StepResult> HoldAsync(
        double perSecond, int receivers, TimeSpan warmup, TimeSpan span, Crowd crowd, Action<long, int> send, Func<long> refused, CancellationToken cancellation)
    {
        // Due times travel in microseconds, so that every peer's numbers hold them: the span begins and ends on one.
        var microsecond = Stopwatch.Frequency / 1_000_000;
        var start = (MonotonicClock.Now + MonotonicClock.Ticks(TimeSpan.FromMilliseconds(200))) / microsecond * microsecond;
        var from = start + MonotonicClock.Ticks(warmup);
        var until = from + MonotonicClock.Ticks(span);
        var log = new DeliveryLog(1);
        log.Measure(from, until);
        meter.Use(log);
        var refusedBefore = refused();
        var reconnectsBefore = crowd.Reconnects;
        var measured = 0;
        var sending = Schedule.RunAsync(
            start,
            perSecond,
            (int)Math.Round(perSecond * (warmup + span).TotalSeconds),
            (due, number) =>
            {
                due = due / microsecond * microsecond;
                measured += due >= from && due < until ? 1 : 0;
                send(due, number);
            },
            cancellation);
        await Task.Delay(TimeSpan.FromSeconds(Math.Max(0, MonotonicClock.Seconds(from - MonotonicClock.Now))), cancellation);
        var before = Cpu();
        // Its own alone: the servers are its children.
        var generatorBefore = Environment.CpuUsage.TotalTime;
        var began = MonotonicClock.Now;
        await sending;
        var generator = (Environment.CpuUsage.TotalTime - generatorBefore).TotalSeconds / MonotonicClock.Seconds(MonotonicClock.Now - began);
        var expected = (long)measured * receivers;
        var giveUp = MonotonicClock.Now + MonotonicClock.Ticks(DrainLimit);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (log.Deliveries < expected && MonotonicClock.Now < giveUp)
        {
            await timer.WaitForNextTickAsync(cancellation);
        }

        var spent = Cpu().ToDictionary(pair => pair.Key, pair => pair.Value - before[pair.Key]);
        var seconds = MonotonicClock.Seconds(MonotonicClock.Now - began);
        var perRole = peer.Processes.GroupBy(process => process.Role)
            .ToDictionary(group => group.Key, group => Math.Round(group.Sum(process => spent[process.Name]) * 1e6 / Math.Max(1, log.Deliveries), 2));
        return new StepResult(
            perSecond * receivers, expected, log.Deliveries, refused() - refusedBefore, crowd.Reconnects - reconnectsBefore, Percentiles.Of(log.Latency), perRole, spent, Math.Round(seconds, 3),
            Math.Round(generator, 2));
    }

    private Dictionary<string, double> Cpu()
        => peer.Processes.ToDictionary(process => process.Name, process => ProcessCpu.Seconds(process.Pid) ?? 0);
}
