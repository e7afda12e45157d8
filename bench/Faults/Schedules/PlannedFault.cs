using System.Globalization;

namespace Clinic.Faults.Schedules;

/// <summary>A silo or an Api host, numbered from 1.</summary>
internal readonly record struct ProcessName(bool IsSilo, int Number)
{
    public string Kind => IsSilo ? "silo" : "host";

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Kind} {Number}");

    public static ProcessName Silo(int number) => new(true, number);

    public static ProcessName Host(int number) => new(false, number);
}

/// <summary>A fault of a schedule.</summary>
/// <param name="Kind">What is broken.</param>
/// <param name="Target">Whose; null when there is one only.</param>
/// <param name="Other">The other end of a network cut.</param>
/// <param name="At">When it begins, in seconds of the schedule.</param>
/// <param name="Until">When it is ended; equal to <paramref name="At"/> when it has no duration.</param>
internal sealed record PlannedFault(FaultKind Kind, ProcessName? Target, ProcessName? Other, double At, double Until)
{
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{At:0.0}-{Until:0.0} s {Kind}{(Target is { } target ? $" {target}" : "")}{(Other is { } other ? $" and {other}" : "")}");
}
