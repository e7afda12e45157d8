using System.Numerics;
using MathNet.Numerics.LinearRegression;

namespace Clinic.Scale.Fitting;

/// <summary>
/// Least squares whose coefficients are not below zero, for nothing of a cluster gives time or memory back. With so few terms every choice of them is tried: the best one without
/// a negative coefficient is the solution, exactly.
/// </summary>
internal static class NonNegativeFit
{
    /// <summary>A term has to take away more than that part of the error to be there at all: where two say the same, one does.</summary>
    private const double Worth = 1e-9;

    /// <summary>The coefficients by which the rows come closest to the values.</summary>
    public static double[] Solve(IReadOnlyList<double[]> rows, IReadOnlyList<double> values)
    {
        var columns = rows.Count == 0 ? 0 : rows[0].Length;
        var best = new double[columns];
        var least = values.Sum(value => value * value);
        foreach (var choice in Enumerable.Range(1, (1 << columns) - 1).OrderBy(choice => BitOperations.PopCount((uint)choice)))
        {
            var chosen = Enumerable.Range(0, columns).Where(column => (choice >> column & 1) == 1).ToArray();
            if (chosen.Length > rows.Count || chosen.Any(column => rows.All(row => row[column] == 0)))
            {
                continue;
            }

            double[][] matrix = [.. rows.Select(row => Array.ConvertAll(chosen, column => row[column]))];
            var found = MultipleRegression.QR(matrix, [.. values], intercept: false);
            if (found.Any(coefficient => !double.IsFinite(coefficient) || coefficient < 0))
            {
                continue;
            }

            var error = matrix.Zip(values, (row, value) => Math.Pow(row.Zip(found, (one, coefficient) => one * coefficient).Sum() - value, 2)).Sum();
            if (error < least * (1 - Worth))
            {
                least = error;
                best = new double[columns];
                for (var index = 0; index < chosen.Length; index++)
                {
                    best[chosen[index]] = found[index];
                }
            }
        }

        return best;
    }
}
