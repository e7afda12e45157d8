using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Clinic.Records;

/// <summary>A place in a list that is sorted by a time and then by an id; opaque to clients.</summary>
/// <param name="Time">The last item's time.</param>
/// <param name="Id">The last item's id.</param>
internal sealed record Cursor(DateTimeOffset Time, string Id) : ICursor<Cursor>
{
    /// <summary>Longer than any cursor of ours.</summary>
    private const int MaxLength = 1024;

    /// <inheritdoc />
    public override string ToString() =>
        Base64Url.EncodeToString(Encoding.UTF8.GetBytes(Time.UtcTicks.ToString(CultureInfo.InvariantCulture) + ' ' + Id));

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static bool TryParse(string text, out Cursor? cursor)
    {
        cursor = null;
        if (text.Length > MaxLength || !Base64Url.IsValid(text))
        {
            return false;
        }

        var parts = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text)).Split(' ', 2);
        if (parts.Length == 2
            && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var ticks)
            && ticks <= DateTimeOffset.MaxValue.UtcTicks
            && Topics.Identifier.IsValid(parts[1]))
        {
            cursor = new Cursor(new DateTimeOffset(ticks, TimeSpan.Zero), parts[1]);
        }

        return cursor is not null;
    }
}
