namespace Clinic.Scale.Points;

/// <summary>One measured point.</summary>
/// <param name="Stage">Which start of the cluster it belongs to.</param>
/// <param name="Name">What was there and what went on.</param>
/// <param name="IsFit">Whether the models are fitted to it; they only have to predict the others. Decided before it is measured.</param>
/// <param name="Size">How much of everything there was.</param>
/// <param name="Cost">What was measured.</param>
/// <param name="Trouble">What went wrong: such a point counts for nothing.</param>
internal sealed record Point(string Stage, string Name, bool IsFit, Size Size, Cost Cost, string? Trouble = null);
