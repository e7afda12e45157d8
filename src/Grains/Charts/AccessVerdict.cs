namespace Clinic.Charts;

/// <summary>What a check of a clinic's access log came to.</summary>
/// <param name="Tenant">The clinic.</param>
/// <param name="Entries">Entries that the head counts.</param>
/// <param name="Head">The hash of the last one, 64 hexadecimal digits. Kept outside the database, it proves later that nothing before was changed.</param>
/// <param name="Fault">The first row that is wrong, and what is wrong with it; null when the log is intact.</param>
public sealed record AccessVerdict(string Tenant, long Entries, string Head, string? Fault);
