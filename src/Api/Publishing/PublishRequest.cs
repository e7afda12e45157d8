using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Text.Unicode;
using Clinic.Topics;

namespace Clinic.Publishing;

/// <summary>The body of <c>POST /api/events</c>.</summary>
/// <param name="Topic"><c>tenant</c>, <c>user:{id}</c>, <c>thread:{id}</c> or <c>patient:{id}</c>, in the clinic that <c>X-Tenant</c> names.</param>
/// <param name="Type">What happened.</param>
/// <param name="Data">Any JSON value, passed on as it came; <c>null</c> is one.</param>
/// <param name="Id">The publisher's own id, which makes a retry harmless for 24 h; chosen by the server when missing.</param>
internal sealed partial record PublishRequest(string? Topic, string? Type, JsonElement Data, string? Id)
{
    /// <summary>The topic within the caller's clinic; null when the name is none. A bare <c>user</c> is nobody's here.</summary>
    public TopicId? TopicIn(string tenant) => TopicOf(Topic, tenant);

    /// <summary>The topic that a backend means by a name, within a clinic; null when the name is none.</summary>
    public static TopicId? TopicOf(string? name, string tenant) =>
        TopicId.TryParseUserOf(name, tenant, out var user) ? user
        : TopicId.TryParseWire(name, tenant, user: null, out var topic) ? topic
        : null;

    /// <summary>The data's own bytes.</summary>
    public byte[] DataBytes() => JsonMarshal.GetRawUtf8Value(Data).ToArray();

    /// <summary>What is wrong with it, by field.</summary>
    public Dictionary<string, string[]> Check(string tenant)
    {
        var faults = new Dictionary<string, string[]>();
        if (TopicIn(tenant) is null)
        {
            faults["topic"] = ["is tenant, user:{id}, thread:{id} or patient:{id}"];
        }

        if (Type is null || !TypeForm().IsMatch(Type))
        {
            faults["type"] = ["is 1 to 64 of A-Z, a-z, 0-9 and _ . : / -"];
        }

        if (Data.ValueKind == JsonValueKind.Undefined)
        {
            faults["data"] = ["is missing; it may be any JSON value, also null"];
        }
        else if (!Utf8.IsValid(JsonMarshal.GetRawUtf8Value(Data)))
        {
            // The parser lets it pass, and a browser would drop its connection over it.
            faults["data"] = ["is not valid UTF-8"];
        }

        if (Id is not null && !Identifier.IsValid(Id))
        {
            faults["id"] = [$"is text of 1 to {Identifier.MaxLength} characters"];
        }

        return faults;
    }

    [GeneratedRegex(@"^[A-Za-z0-9_.:/-]{1,64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex TypeForm();
}

/// <summary>Where the event ended up.</summary>
/// <param name="Epoch">The life of the topic's log.</param>
/// <param name="Offset">The event's place in it.</param>
internal sealed record Published(string Epoch, long Offset);
