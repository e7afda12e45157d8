using System.Buffers.Text;
using System.Text;
using Clinic.Records;
using Clinic.Topics;

namespace Clinic.Patients;

/// <summary>A place in a list that is sorted by a name and then by an id.</summary>
/// <param name="Name">The last item's name.</param>
/// <param name="Id">The last item's id.</param>
internal sealed record NameCursor(string Name, string Id) : ICursor<NameCursor>
{
    /// <summary>Longer than any cursor of ours.</summary>
    private const int MaxLength = 2048;

    /// <summary>Stands in neither names nor ids.</summary>
    private const char Separator = '\0';

    /// <inheritdoc />
    public override string ToString() => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(Name + Separator + Id));

    /// <inheritdoc />
    public static bool TryParse(string text, out NameCursor? cursor)
    {
        cursor = null;
        if (text.Length <= MaxLength
            && Base64Url.IsValid(text)
            && Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text)).Split(Separator) is [var name, var id]
            && Identifier.IsValid(id))
        {
            cursor = new NameCursor(name, id);
        }

        return cursor is not null;
    }
}
