namespace Clinic.Charts;

/// <summary>Events of charts that the server itself listens to.</summary>
internal static class ChartEvents
{
    /// <summary>Who may see the chart has changed.</summary>
    public const string RestrictionChanged = "restriction:changed";
}
