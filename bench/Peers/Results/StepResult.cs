using Clinic.Load.Measures;
using Clinic.Peers.Servers;

namespace Clinic.Peers.Results;

/// <summary>One rate, held for a while.</summary>
/// <param name="Rate">Deliveries per second as the schedule has them.</param>
/// <param name="Expected">Deliveries that the events of the measured span should have had.</param>
/// <param name="Delivered">Those that came.</param>
/// <param name="Refused">Events and signals that were not taken, warm-up included.</param>
/// <param name="Reconnects">Connections that were lost meanwhile and came back.</param>
/// <param name="LatencyMs">From the time that an event was due until it was read, once for each receiver.</param>
/// <param name="CpuMicroseconds">CPU per delivery of all processes of a role, user and system.</param>
/// <param name="Processes">CPU of each process in the measured span, in seconds.</param>
/// <param name="Seconds">How long that span was: from its first event until the last delivery.</param>
/// <param name="GeneratorCores">Cores that the generator was busy on; near one, it is what was measured.</param>
internal sealed record StepResult(
    double Rate,
    long Expected,
    long Delivered,
    long Refused,
    int Reconnects,
    Percentiles LatencyMs,
    IReadOnlyDictionary<Role, double> CpuMicroseconds,
    IReadOnlyDictionary<string, double> Processes,
    double Seconds,
    double GeneratorCores)
{
    /// <summary>The limit that a rate must keep to count as carried, in milliseconds.</summary>
    public const double LimitMs = 100;

    /// <summary>Whether all of it came, the slowest hundredth within the limit.</summary>
    public bool IsCarried => LatencyMs.P99 <= LimitMs && Delivered == Expected && Reconnects == 0;

    public double Cpu(Role role) => CpuMicroseconds.GetValueOrDefault(role);
}
