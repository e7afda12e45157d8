using System.Text.RegularExpressions;

namespace Clinic.Publisher;

/// <summary>The contract's rules for an event's names, held here so that a mistake is reported where it is made and not by the Api.</summary>
internal static partial class EventForm
{
    private const int MaxIdLength = 128;
    private static readonly string[] Prefixes = ["user:", "thread:", "patient:"];

    /// <summary>The first field that is wrong; null when none is.</summary>
    public static string? Fault(string? tenant, string? topic, string? type, string? id) =>
        !IsTenant(tenant) ? "tenant"
        : !IsTopic(topic) ? "topic"
        : type is null || !Type().IsMatch(type) ? "type"
        : id is not null && !IsId(id) ? "id"
        : null;

    /// <summary>It travels in a header, which can't carry control characters and loses the space around: another clinic's name might be left.</summary>
    private static bool IsTenant(string? tenant) => IsId(tenant) && tenant!.Trim() == tenant && !tenant.Any(char.IsControl);

    private static bool IsTopic(string? topic) =>
        topic is not null
        && (topic == "tenant" || Prefixes.Any(prefix => topic.StartsWith(prefix, StringComparison.Ordinal) && IsId(topic[prefix.Length..])));

    private static bool IsId(string? id)
    {
        if (string.IsNullOrEmpty(id) || id.Length > MaxIdLength || id.Contains('\0', StringComparison.Ordinal))
        {
            return false;
        }

        for (var i = 0; i < id.Length; i++)
        {
            if (char.IsSurrogatePair(id, i))
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

    [GeneratedRegex(@"^[A-Za-z0-9_.:/-]{1,64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Type();
}
