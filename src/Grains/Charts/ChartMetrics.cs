using System.Diagnostics.Metrics;

namespace Clinic.Charts;

/// <summary>Meter <c>Clinic.Charts</c>: restricted charts that were opened with a reason.</summary>
internal sealed class ChartMetrics
{
    private readonly Counter<long> _broken;

    public ChartMetrics(IMeterFactory meters) =>
        _broken = meters.Create("Clinic.Charts").CreateCounter<long>(
            "clinic.charts.glass_broken", "{opening}", "Restricted charts opened with a reason, by whether there was a privacy officer to notify.");

    public void GlassBroken(bool notified) => _broken.Add(1, new KeyValuePair<string, object?>("notified", notified));
}
