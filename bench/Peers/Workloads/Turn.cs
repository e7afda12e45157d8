using System.Text;
using Clinic.Load.Events;
using Clinic.Load.Measures;
using Clinic.Peers.Results;
using Clinic.Peers.Servers;
using Clinic.Peers.Wire;

namespace Clinic.Peers.Workloads;

/// <summary>One peer's turn: the workloads one after the other at processes that were started for it.</summary>
internal sealed class Turn(Peer peer, PeerOptions options, HttpClient http, int repeat)
{
    private const int ClinicUsers = 1000;
    private const int Threads = 250;
    private const int PerThread = 4;
    private const double ConnectRate = 250;
    private const double StormRate = 1000;
    private static readonly TimeSpan StepWarmup = TimeSpan.FromSeconds(1.5);

    private readonly EventMeter _meter = new();
    private readonly string _clinic = $"peers-{Random.Shared.Next(1, 1_000_000_000)}";

    /// <summary>The storm first, for its memory is compared with that of processes that have done nothing yet; the overload last.</summary>
    public async Task RunAsync(ICollection<PeerRun> runs, Action<PeerRun> done, CancellationToken cancellation)
    {
        await WarmAsync(cancellation);
        foreach (var workload in "dacb".Where(options.Workloads.Contains))
        {
            var run = new PeerRun(workload.ToString(), peer.Name, repeat);
            runs.Add(run);
            try
            {
                await (workload switch
                {
                    'a' => FewUsersAsync(run, cancellation),
                    'b' => OneClinicAsync(run, cancellation),
                    'c' => ThreadsAsync(run, cancellation),
                    _ => StormAsync(run, cancellation),
                });
            }
            catch (Exception exception) when (exception is InvalidOperationException or HttpRequestException or IOException
                or System.Net.Sockets.SocketException or TimeoutException)
            {
                run.Error = exception.Message;
            }

            done(run);
        }
    }

    /// <summary>Once on a small scale: code and pools that every process has are not a workload's.</summary>
    private async Task WarmAsync(CancellationToken cancellation)
    {
        var clinic = $"{_clinic}-0";
        await using var crowd = await Crowd.SignInAsync(peer, _ => clinic, 50, ConnectRate, _ => "tenant", _meter, http, cancellation);
        var publisher = new EventPublisher(http, peer.Hosts, clinic);
        await UntilCompiledAsync(100, 50, options.LongWarmup, crowd, publisher.Publish, () => publisher.Refused, cancellation);
    }

    private Task UntilCompiledAsync(
        double perSecond, int receivers, TimeSpan least, Crowd crowd, Action<long, int> send, Func<long> refused, CancellationToken cancellation)
        => new WarmUp(peer, _meter).HoldAsync(perSecond, receivers, least, options.MostWarmup, crowd, send, refused, cancellation);

    private async Task FewUsersAsync(PeerRun run, CancellationToken cancellation)
    {
        var clinic = $"{_clinic}-a";
        await using var crowd = await Crowd.SignInAsync(peer, _ => clinic, 50, ConnectRate, _ => "tenant", _meter, http, cancellation);
        var publisher = new EventPublisher(http, peer.Hosts, clinic);
        var step = await new Stepper(peer, _meter).HoldAsync(
            100, 50, options.Warmup, options.Duration, crowd, publisher.Publish, () => publisher.Refused, cancellation);
        run.Steps.Add(step);
        Compare(run, step);
    }

    private async Task OneClinicAsync(PeerRun run, CancellationToken cancellation)
    {
        var clinic = $"{_clinic}-b";
        await using var crowd = await Crowd.SignInAsync(peer, _ => clinic, ClinicUsers, ConnectRate, _ => "tenant", _meter, http, cancellation);
        var publisher = new EventPublisher(http, peer.Hosts, clinic);
        await RiseAsync(run, 40_000, 1.25, ClinicUsers, crowd, publisher.Publish, () => publisher.Refused, cancellation);
    }

    private async Task ThreadsAsync(PeerRun run, CancellationToken cancellation)
    {
        var clinic = $"{_clinic}-c";
        await Parallel.ForEachAsync(
            Enumerable.Range(0, Threads), new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancellation }, async (thread, _) =>
            {
                var participants = Enumerable.Range(0, PerThread).Select(place => Crowd.UserOf((thread * PerThread) + place)).ToList();
                await EventPublisher.CreateThreadAsync(http, peer.ProcessesThatKeepThreads, clinic, ThreadOf(thread * PerThread), participants);
            });
        await using var crowd = await Crowd.SignInAsync(
            peer, _ => clinic, Threads * PerThread, ConnectRate, number => $"thread:{ThreadOf(number)}", _meter, http, cancellation);
        // One after the other, so that each sends its share; those of one thread stand side by side and are on both hosts.
        await RiseAsync(run, 12_000, 1.5, PerThread - 1, crowd, (due, number) => Signal(crowd, due, number), () => 0, cancellation);
    }

    private async Task StormAsync(PeerRun run, CancellationToken cancellation)
    {
        await Task.Delay(options.Settling, cancellation);
        var idleEmpty = await IdleCpuAsync(cancellation);
        await peer.CollectAsync(cancellation);
        var empty = Memory();
        var before = peer.Processes.ToDictionary(process => process, process => ProcessCpu.Seconds(process.Pid) ?? 0);
        await using var crowd = await Crowd.SignInAsync(
            peer, number => $"{_clinic}-d{(long)number * options.Clinics / options.Connections}", options.Connections, StormRate, _ => "tenant", _meter, http, cancellation);
        run.Figures["all joined after s"] = Math.Round(crowd.AllJoinedAfter.TotalSeconds, 2);
        run.Figures["join p50 ms"] = Percentiles.Of(crowd.JoinTime).P50;
        run.Figures["join p99 ms"] = Percentiles.Of(crowd.JoinTime).P99;
        await crowd.SettleAsync(options.Settling, cancellation);
        foreach (var group in peer.Processes.GroupBy(process => process.Role))
        {
            var spent = group.Sum(process => (ProcessCpu.Seconds(process.Pid) ?? 0) - before[process]);
            run.Figures[$"{NameOf(group.Key)} CPU ms per join"] = Math.Round(spent * 1000 / options.Connections, 3);
        }

        run.Figures["idle cores, nobody there"] = idleEmpty;
        run.Figures["idle cores, all there"] = await IdleCpuAsync(cancellation);
        await peer.CollectAsync(cancellation);
        var idle = Memory();
        run.Figures["KB per idle connection"] = Math.Round((idle - empty) / 1024.0 / options.Connections, 1);
        run.Figures["MB of empty processes"] = Math.Round(empty / 1024.0 / 1024.0, 1);
        run.Figures["reconnects"] = crowd.Reconnects;
    }

    /// <summary>The rate that all are compared at, then each next one until one is not carried; when the first is not, lower ones until one is.</summary>
    private async Task RiseAsync(
        PeerRun run, double first, double rise, int receivers, Crowd crowd, Action<long, int> send, Func<long> refused, CancellationToken cancellation)
    {
        var stepper = new Stepper(peer, _meter);
        await UntilCompiledAsync(first / receivers / 4, receivers, options.Warmup, crowd, send, refused, cancellation);
        var step = await stepper.HoldAsync(first / receivers, receivers, StepWarmup, options.Duration, crowd, send, refused, cancellation);
        run.Steps.Add(step);
        Compare(run, step);
        var carried = step.IsCarried ? step : null;
        var factor = step.IsCarried ? rise : 1 / rise;
        for (var rate = first * factor; rate > first / 10 && rate < 2_000_000; rate *= factor)
        {
            step = await stepper.HoldAsync(rate / receivers, receivers, StepWarmup, options.Step, crowd, send, refused, cancellation);
            run.Steps.Add(step);
            carried = step.IsCarried ? step : carried;
            if (step.IsCarried != factor > 1)
            {
                break;
            }
        }

        run.Figures["highest rate with p99 <= 100 ms"] = Math.Round(carried?.Rate ?? 0);
        if (carried is not null)
        {
            run.Figures["server CPU us there"] = carried.Cpu(Role.Server);
            run.Figures["generator cores there"] = carried.GeneratorCores;
        }
    }

    private static void Compare(PeerRun run, StepResult step)
    {
        run.Figures["deliveries/s"] = Math.Round(step.Rate * step.Delivered / Math.Max(1, step.Expected));
        run.Figures["p50 ms"] = step.LatencyMs.P50;
        run.Figures["p99 ms"] = step.LatencyMs.P99;
        foreach (var (role, microseconds) in step.CpuMicroseconds)
        {
            run.Figures[$"{NameOf(role)} CPU us"] = microseconds;
        }

        run.Figures["generator cores"] = step.GeneratorCores;
        run.Figures["missing"] = step.Expected - step.Delivered;
    }

    private static string NameOf(Role role) => role switch { Role.Redis => "Redis", Role.PostgreSql => "PostgreSQL", _ => "server" };

    private static string ThreadOf(int user) => $"thread-{user / PerThread}";

    private static void Signal(Crowd crowd, long due, int number)
    {
        var user = number % crowd.Links.Count;
        crowd.Links[user].Signal($"thread:{ThreadOf(user)}", Encoding.UTF8.GetBytes(EventPublisher.Appointment(due, number)));
    }

    /// <summary>Cores that all of the peer's processes are busy on while nobody asks anything of them.</summary>
    private async Task<double> IdleCpuAsync(CancellationToken cancellation)
    {
        var before = peer.Processes.Sum(process => ProcessCpu.Seconds(process.Pid) ?? 0);
        var began = MonotonicClock.Now;
        await Task.Delay(options.Settling, cancellation);
        return Math.Round(
            (peer.Processes.Sum(process => ProcessCpu.Seconds(process.Pid) ?? 0) - before) / MonotonicClock.Seconds(MonotonicClock.Now - began), 3);
    }

    private long Memory()
        => peer.Processes.Where(process => process.Role == Role.Server).Sum(process => ProcessMemory.Resident(process.Pid));
}
