using System.Text.Json;
using System.Text.Json.Serialization;
using Clinic.Presence;
using Clinic.Topics;

namespace Clinic.Realtime;

/// <summary>UTF-8 JSON that is passed on as it came.</summary>
[JsonConverter(typeof(RawJsonConverter))]
internal readonly record struct RawJson(ReadOnlyMemory<byte> Utf8);

/// <summary>Writes <see cref="RawJson"/> without parsing it again; it was checked when it was published.</summary>
internal sealed class RawJsonConverter : JsonConverter<RawJson>
{
    public override RawJson Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        return new RawJson(JsonSerializer.SerializeToUtf8Bytes(document.RootElement));
    }

    public override void Write(Utf8JsonWriter writer, RawJson value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value.Utf8.Span, skipInputValidation: true);
}

/// <summary>An event as clients get it.</summary>
internal sealed record WireEvent(
    string Topic,
    string Type,
    string Id,
    string Epoch,
    long Offset,
    DateTime Time,
    RawJson Data,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? By)
{
    public static WireEvent From(string topic, string epoch, TopicEvent e) =>
        new(topic, e.Type, e.Id, epoch, e.Offset, e.Time.UtcDateTime, new RawJson(e.Data), e.By);
}

/// <summary>A presence entry as clients get it; what is empty is left out.</summary>
internal sealed record WireEntry(
    string User,
    string Name,
    string Role,
    string Status,
    int Connections,
    DateTime Since,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] WireView? Viewing,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Typing,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string[]? Editing)
{
    public static WireEntry From(PresenceEntry entry) => new(
        entry.User,
        entry.Name,
        entry.Role,
        StatusName(entry.Status),
        entry.Connections,
        entry.Since.UtcDateTime,
        entry.Viewing is { } view ? WireView.From(view) : null,
        entry.Typing,
        entry.Editing.Length > 0 ? entry.Editing : null);

    public static string StatusName(PresenceStatus status) => status switch
    {
        PresenceStatus.Busy => "busy",
        PresenceStatus.Active => "active",
        PresenceStatus.Away => "away",
        PresenceStatus.Hidden => "hidden",
        _ => "reconnecting",
    };
}

/// <summary>That, since when and why somebody has a chart open; of a restricted one also that it is, and when it ends by itself.</summary>
internal sealed record WireView(
    DateTime Since,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Reason,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool BreakGlass,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTime? Until)
{
    public static WireView From(ChartView view) =>
        new(view.Since.UtcDateTime, view.Reason, view.BreakGlass is not null, view.BreakGlass?.Until.UtcDateTime);
}

/// <summary>A presence set at a version.</summary>
internal sealed record WirePresence(string Epoch, long Version, IReadOnlyList<WireEntry> Entries)
{
    public static WirePresence From(PresenceSnapshot snapshot) =>
        new(snapshot.Epoch, snapshot.Version, [.. snapshot.Entries.Select(WireEntry.From)]);
}

/// <summary>The same for a new subscriber.</summary>
internal sealed record WireSnapshot(string Epoch, long Version, WireEntries Entries);

/// <summary>A change of presence.</summary>
internal sealed record WirePresenceDiff(
    string Topic, string Epoch, long Version, WireEntry[] Joins, WireEntry[] Updates, string[] Leaves);

/// <summary>A best-effort message from another connection.</summary>
internal sealed record WireSignal(string Topic, string Name, RawJson Data, string By);

/// <summary>The argument of <c>reset</c>.</summary>
internal sealed record WireReset(
    string Topic, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Reason = null);

/// <summary>The argument of <c>closing</c>.</summary>
internal sealed record WireClosing(string Reason, int RetryAfterMs);

/// <summary>The answer of <c>Subscribe</c>.</summary>
internal sealed record WireSubscription(
    string Topic, string Epoch, long Offset, bool Recovered, IReadOnlyList<WireEvent> Events, WireSnapshot Presence);

/// <summary>A position as a client gives it.</summary>
internal sealed record WirePosition(string? Epoch, long? Offset);

/// <summary>The answer of <c>OpenChart</c>.</summary>
internal sealed record WireViewers(IReadOnlyList<WireEntry> Viewers);

/// <summary>Who holds a section.</summary>
internal sealed record WireHolder(string User, string Name, DateTime Since);

/// <summary>The answer of <c>BeginEdit</c> and <c>TakeOverEdit</c>.</summary>
internal sealed record WireEdit(bool Granted, string? Lease, WireHolder? HeldBy);
