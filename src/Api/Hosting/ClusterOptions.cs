namespace Clinic.Hosting;

/// <summary>Where the grains live: section <c>Cluster</c>.</summary>
internal sealed class ClusterOptions
{
    /// <summary>Embedded needs one process and survives its restart; clustered survives the death of any process. Default embedded.</summary>
    public ClusterMode Mode { get; set; } = ClusterMode.Embedded;
}

/// <summary>The two ways to run.</summary>
internal enum ClusterMode
{
    /// <summary>The Api hosts a silo in its own process.</summary>
    Embedded = 0,

    /// <summary>The Api is a client of silos that run as processes of their own.</summary>
    Clustered = 1,
}
