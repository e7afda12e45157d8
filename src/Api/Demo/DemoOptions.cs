namespace Clinic.Demo;

/// <summary>Sample data: section <c>Demo</c>.</summary>
internal sealed class DemoOptions
{
    /// <summary>Whether the two sample clinics are written. Default: in <c>Development</c> only.</summary>
    public bool? Seed { get; set; }
}
