namespace Clinic.Records;

/// <summary>A part of a list.</summary>
/// <param name="Items">The part.</param>
/// <param name="Next">What to ask with for the part after it; null at the end.</param>
internal sealed record Page<T>(IReadOnlyList<T> Items, string? Next);

/// <summary>How much of a list is asked for.</summary>
/// <param name="Limit">Items at most.</param>
internal readonly record struct PageSize(int Limit)
{
    /// <summary>Items of a page that asks for nothing else.</summary>
    public const int Default = 50;

    /// <summary>Most items of a page.</summary>
    public const int Max = 200;

    /// <summary>What a query takes: one row more than the page, which tells whether there is a next one.</summary>
    public int Rows => Limit + 1;

    /// <summary>Makes the page of the rows that a query for <see cref="Rows"/> brought.</summary>
    public Page<T> Take<T>(IEnumerable<T> rows, Func<T, string> next)
    {
        var items = rows.ToList();
        if (items.Count <= Limit)
        {
            return new Page<T>(items, null);
        }

        items.RemoveRange(Limit, items.Count - Limit);
        return new Page<T>(items, next(items[^1]));
    }
}
