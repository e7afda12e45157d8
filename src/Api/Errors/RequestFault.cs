using System.Text.Json;
using System.Text.RegularExpressions;

namespace Clinic.Errors;

/// <summary>
/// Finds the field that a body or a parameter was refused for. The serializer and the binder say it in prose only; where their wording
/// is not known, the answer names the JSON path, or the body as a whole.
/// </summary>
internal static partial class RequestFault
{
    private const int MaxFieldLength = 128;
    private const string Body = "body";

    /// <summary>Field and message of a request that could not be bound.</summary>
    public static Dictionary<string, string[]> Describe(BadHttpRequestException exception)
    {
        if (exception.InnerException is JsonException json)
        {
            return OfJson(json);
        }

        if (Parameter().Match(exception.Message) is { Success: true } parameter)
        {
            var name = parameter.Groups["name"].Value;
            return exception.Message.Contains("was not provided", StringComparison.Ordinal)
                ? exception.Message.Contains("from body", StringComparison.Ordinal) ? One(Body, "is missing") : One(name, "is missing")
                : One(name, "can't be read");
        }

        return One(Body, "can't be read");
    }

    private static Dictionary<string, string[]> OfJson(JsonException json)
    {
        if (Unmapped().Match(json.Message) is { Success: true } unmapped)
        {
            return One(unmapped.Groups["name"].Value, "is not a known field");
        }

        if (Duplicate().Match(json.Message) is { Success: true } duplicate)
        {
            return One(duplicate.Groups["name"].Value, "is there twice");
        }

        var path = json.Path is null or "$" ? Body : json.Path.StartsWith("$.", StringComparison.Ordinal) ? json.Path[2..] : json.Path[1..];
        // Text that is no JSON at all has an inner reader exception; what is left has the wrong type.
        return path == Body || json.InnerException is JsonException ? One(Body, "is not valid JSON for this route") : One(path, "has the wrong type or form");
    }

    private static Dictionary<string, string[]> One(string field, string message) =>
        new() { [field.Length <= MaxFieldLength ? field : field[..MaxFieldLength]] = [message] };

    [GeneratedRegex("\"(?:[^\"]* )?(?<name>[^\" ]+)\"", RegexOptions.CultureInvariant)]
    private static partial Regex Parameter();

    [GeneratedRegex("^The JSON property '(?<name>.*)' could not be mapped", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex Unmapped();

    [GeneratedRegex("^Duplicate property '(?<name>.*)' encountered", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex Duplicate();
}
