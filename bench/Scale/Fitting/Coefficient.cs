namespace Clinic.Scale.Fitting;

/// <summary>What one of something costs.</summary>
internal sealed record Coefficient(string What, string Unit, double Value);
