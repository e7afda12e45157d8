using Clinic.Faults.Check;
using Clinic.Faults.Schedules;
using Npgsql;

namespace Clinic.Faults.Laboratory;

/// <summary>Begins and ends the faults of a schedule, and notes what they do to the ways of clients.</summary>
internal sealed class Breaker(IFaultTarget target, HistoryLog log)
{
    /// <summary>Enough to be felt in every call, and far from any timeout.</summary>
    private static readonly TimeSpan SlowLink = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan SlowDatabase = TimeSpan.FromMilliseconds(100);

    /// <summary>Forwards in one schedule, backwards in another.</summary>
    private static readonly TimeSpan Jump = TimeSpan.FromSeconds(90);

    /// <summary>When a process goes on that stood still, or was cut off, all have so long to find out who is there.</summary>
    private const double FindingOut = 10;

    private static readonly ProcessName[] InOrder =
    [
        ProcessName.Silo(1), ProcessName.Silo(2), ProcessName.Silo(3), ProcessName.Host(1), ProcessName.Host(2),
    ];

    /// <summary>Begins a fault.</summary>
    /// <returns>Ends it.</returns>
    public async Task<Func<Task>> BeginAsync(PlannedFault fault)
    {
        var process = fault.Target ?? ProcessName.Host(1);
        switch (fault.Kind)
        {
            case FaultKind.SiloKilled:
                await target.KillAsync(process);
                return () => target.RestartAsync(process);
            case FaultKind.HostKilled:
                Kills(process);
                await target.KillAsync(process);
                return () => target.RestartAsync(process);
            case FaultKind.SiloHung:
                await target.HangAsync(process);
                return () => target.ContinueAsync(process);
            case FaultKind.HostHung:
                var hung = StandsStill(process);
                await target.HangAsync(process);
                return async () =>
                {
                    await target.ContinueAsync(process);
                    hung();
                };
            case FaultKind.PostgresStopped:
                await target.StopPostgresAsync();
                return target.StartPostgresAsync;
            case FaultKind.PostgresRestarted:
                await target.StopPostgresAsync();
                await target.StartPostgresAsync();
                return Nothing;
            case FaultKind.DiskFull:
                await target.FillDiskAsync(full: true);
                return () => target.FillDiskAsync(full: false);
            case FaultKind.DatabaseCut:
                // By a reset, which is known at once, or without a word.
                var database = target.DatabaseOf(process);
                (IsEven(fault) ? database.Cut : (Action)database.Silence)();
                return () => Mend(target.DatabaseOf(process));
            case FaultKind.DatabaseSlow:
                target.DatabaseOf(process).Slow(SlowDatabase);
                return () => Mend(target.DatabaseOf(process));
            case FaultKind.NetworkCut:
                var other = fault.Other!.Value;
                var cut = other.IsSilo ? null : StandsStill(other);
                await target.CutAsync(process, other, cut: true);
                return async () =>
                {
                    await target.CutAsync(process, other, cut: false);
                    cut?.Invoke();
                };
            case FaultKind.ClockJump:
                await target.SetClockAsync(process, IsEven(fault) ? Jump : -Jump);
                return () => target.SetClockAsync(process, TimeSpan.Zero);
            case FaultKind.SiloAdded:
                await target.AddSiloAsync(added: true);
                return () => target.AddSiloAsync(added: false);
            case FaultKind.RollingRestart:
                foreach (var next in InOrder)
                {
                    await target.RestartAsync(next);
                }

                return Nothing;
            case FaultKind.ConnectionsKilled:
                await EndSessionsAsync();
                return Nothing;
            case FaultKind.LinkCut:
                Kills(process);
                GateOf(process).Cut();
                return () => Mend(GateOf(process));
            case FaultKind.LinkSlow:
                GateOf(process).Slow(SlowLink);
                return () => Mend(GateOf(process));
            case FaultKind.DeadSockets:
                Kills(process);
                var end = GateOf(process).Swallow();
                return () =>
                {
                    end();
                    return Task.CompletedTask;
                };
            case FaultKind.ReconnectStorm:
                for (var host = 1; host <= target.Hosts.Count; host++)
                {
                    Kills(ProcessName.Host(host));
                    GateOf(ProcessName.Host(host)).Reset();
                }

                return Nothing;
            default:
                throw new ArgumentOutOfRangeException(nameof(fault), fault.Kind, "is no kind of fault");
        }
    }

    private static bool IsEven(PlannedFault fault) => (int)fault.At % 2 == 0;

    private static Task Nothing() => Task.CompletedTask;

    private static Task Mend(Gate gate)
    {
        gate.Mend();
        return Task.CompletedTask;
    }

    private Gate GateOf(ProcessName host) => target.Hosts[host.Number - 1];

    private string NameOf(ProcessName host) => GateOf(host).Address.ToString();

    private void Kills(ProcessName host) => log.Add(history => history.PathFaults.Add(new PathFault(NameOf(host), log.Now, log.Now, Kills: true)));

    /// <returns>Notes when it went on.</returns>
    private Action StandsStill(ProcessName host)
    {
        var from = log.Now;
        var open = new PathFault(NameOf(host), from, double.PositiveInfinity, Kills: false);
        log.Add(history => history.PathFaults.Add(open));
        return () => log.Add(history => history.PathFaults[history.PathFaults.IndexOf(open)] = open with { Until = log.Now + FindingOut });
    }

    private async Task EndSessionsAsync()
    {
        await using var connection = new NpgsqlConnection(target.Database + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()";
        await command.ExecuteNonQueryAsync();
    }
}
