namespace Clinic.Topics;

/// <summary>The rule every opaque id of the contract obeys: tenants, users, threads, patients, events.</summary>
public static class Identifier
{
    /// <summary>Longest id in UTF-16 code units.</summary>
    public const int MaxLength = 128;

    /// <summary>
    /// True for 1 to <see cref="MaxLength"/> characters of well-formed Unicode without NUL. Every other character is allowed, because ids
    /// come from the integrator's own system; NUL and lone surrogates are refused because no database stores them as text.
    /// </summary>
    public static bool IsValid(string? id)
    {
        if (string.IsNullOrEmpty(id) || id.Length > MaxLength)
        {
            return false;
        }

        for (var i = 0; i < id.Length; i++)
        {
            if (id[i] == '\0')
            {
                return false;
            }

            if (char.IsHighSurrogate(id[i]) && i + 1 < id.Length && char.IsLowSurrogate(id[i + 1]))
            {
                i++;
            }
            else if (char.IsSurrogate(id[i]))
            {
                return false;
            }
        }

        return true;
    }
}
