namespace Clinic.Soak.Sampling;

/// <summary>What one process had at an instant.</summary>
/// <param name="Memory">Resident bytes; what several share counts in parts.</param>
/// <param name="Handles">Open file descriptors.</param>
/// <param name="Threads">Threads.</param>
internal sealed record ProcessState(long Memory, int Handles, int Threads);

/// <summary>All that was read at one instant.</summary>
/// <param name="Seconds">Since the load began.</param>
/// <param name="Processes">By name. A database counts with its children.</param>
/// <param name="Tables">Bytes of each table with its indexes, as the database has them.</param>
internal sealed record Sample(double Seconds, IReadOnlyDictionary<string, ProcessState> Processes, IReadOnlyDictionary<string, long> Tables);
