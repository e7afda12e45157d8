using Clinic.Scale.Points;

namespace Clinic.Scale.Fitting;

/// <summary>One addend of a model: a coefficient, to be found, times how much there is of something.</summary>
/// <param name="What">What has that cost.</param>
/// <param name="Unit">The unit in which its coefficient is shown.</param>
/// <param name="Shown">What the coefficient is multiplied with for that unit.</param>
/// <param name="Of">How much there is of it at a point.</param>
internal sealed record Term(string What, string Unit, double Shown, Func<Size, double> Of);
