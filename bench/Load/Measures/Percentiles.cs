using HdrHistogram;

namespace Clinic.Load.Measures;

/// <summary>A latency's distribution in milliseconds.</summary>
internal sealed record Percentiles(long Count, double P50, double P90, double P99, double P999, double Max)
{
    public static Percentiles Of(HistogramBase microseconds) => microseconds.TotalCount == 0
        ? new Percentiles(0, 0, 0, 0, 0, 0)
        : new Percentiles(
            microseconds.TotalCount, At(microseconds, 50), At(microseconds, 90), At(microseconds, 99), At(microseconds, 99.9), At(microseconds, 100));

    private static double At(HistogramBase microseconds, double percentile)
        => Math.Round(microseconds.GetValueAtPercentile(percentile) / 1000.0, 3);
}
