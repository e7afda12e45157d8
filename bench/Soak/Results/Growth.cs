namespace Clinic.Soak.Results;

/// <summary>How one quantity went in the span that must be flat: the medians of its first and its last third, so that a moment's peak counts for nothing.</summary>
/// <param name="What">Memory, handles, threads or table.</param>
/// <param name="Whose">The process or the table.</param>
/// <param name="First">The median of the first third.</param>
/// <param name="Last">The median of the last third.</param>
/// <param name="Lowest">The least of the span.</param>
/// <param name="Highest">The most of the span.</param>
/// <param name="Allowed">How much more than the first the last may be.</param>
internal sealed record Growth(string What, string Whose, double First, double Last, double Lowest, double Highest, double Allowed)
{
    public bool IsFlat => Last - First <= Allowed;

    /// <summary>Change between the middles of the two thirds, in percent.</summary>
    public double Percent => First == 0 ? 0 : 100 * (Last - First) / First;

    /// <summary>Flat is within five percent, or within the <paramref name="least"/> that means nothing.</summary>
    public static Growth Of(string what, string whose, IReadOnlyList<double> values, double least)
    {
        if (values.Count < 3)
        {
            throw new InvalidOperationException($"{values.Count} samples are too few to say how {what} of {whose} went");
        }

        var third = values.Count / 3;
        var first = Median(values.Take(third));
        return new Growth(what, whose, first, Median(values.TakeLast(third)), values.Min(), values.Max(), Math.Max(least, 0.05 * first));
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }
}
