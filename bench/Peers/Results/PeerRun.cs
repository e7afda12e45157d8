namespace Clinic.Peers.Results;

/// <summary>What one turn of one peer at one workload has shown.</summary>
internal sealed record PeerRun(string Workload, string Peer, int Repeat)
{
    /// <summary>The figures that are compared, by the names that the table shows; a figure that could not be had is left out.</summary>
    public Dictionary<string, double> Figures { get; } = [];

    /// <summary>Every rate that was tried.</summary>
    public List<StepResult> Steps { get; } = [];

    /// <summary>Why it ended before its time.</summary>
    public string? Error { get; set; }
}
