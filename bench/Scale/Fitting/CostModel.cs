using Clinic.Scale.Points;

namespace Clinic.Scale.Fitting;

/// <summary>One cost as a sum of terms, fitted to some of the measured points and to be checked at all of them.</summary>
internal sealed class CostModel
{
    private readonly double[] _coefficients;

    private CostModel(string name, IReadOnlyList<Term> terms, Func<Cost, double?> measured, double[] coefficients)
        => (Name, Terms, Measured, _coefficients) = (name, terms, measured, coefficients);

    public string Name { get; }

    public IReadOnlyList<Term> Terms { get; }

    /// <summary>What of a point's cost it predicts.</summary>
    public Func<Cost, double?> Measured { get; }

    /// <summary>The coefficients in their terms' units.</summary>
    public IEnumerable<Coefficient> Coefficients => Terms.Zip(_coefficients, (term, value) => new Coefficient(term.What, term.Unit, value * term.Shown));

    /// <summary>Fits to those points that are meant for it; errors count by what they are of the measured value, for that is how they are judged.</summary>
    public static CostModel Fit(string name, Func<Cost, double?> measured, IReadOnlyList<Term> terms, IEnumerable<Point> points)
    {
        var rows = new List<double[]>();
        foreach (var point in points.Where(point => point is { IsFit: true, Trouble: null }))
        {
            if (measured(point.Cost) is { } value and > 0)
            {
                rows.Add([.. terms.Select(term => term.Of(point.Size) / value)]);
            }
        }

        return new CostModel(name, terms, measured, rows.Count == 0 ? new double[terms.Count] : NonNegativeFit.Solve(rows, [.. rows.Select(_ => 1.0)]));
    }

    public double Predict(Size size) => Terms.Zip(_coefficients, (term, coefficient) => coefficient * term.Of(size)).Sum();

    /// <summary>How much more it predicts than was measured, as a part of that; null where nothing was.</summary>
    public double? Error(Point point) => point.Trouble is null && Measured(point.Cost) is { } value and > 0 ? (Predict(point.Size) - value) / value : null;
}
