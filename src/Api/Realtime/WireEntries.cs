using System.Buffers;
using System.Collections;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Clinic.Presence;

namespace Clinic.Realtime;

/// <summary>
/// The presence entries of a topic at one version, written once for all who subscribe at it: when a large clinic signs in, each of the thousands of answers carries all the others.
/// </summary>
[JsonConverter(typeof(Converter))]
internal sealed class WireEntries : IEnumerable<WireEntry>
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly PresenceEntry[] _entries;
    private readonly Lazy<byte[]> _text;
    private readonly WireEntry? _own;

    public WireEntries(IEnumerable<PresenceEntry> entries)
    {
        _entries = [.. entries];
        _text = new Lazy<byte[]>(() => JsonSerializer.SerializeToUtf8Bytes(_entries.Select(WireEntry.From), Json));
    }

    private WireEntries(WireEntries others, WireEntry own)
    {
        (_entries, _text) = (others._entries, others._text);
        _own = own;
    }

    /// <summary>The same with one more, who is not among them.</summary>
    public WireEntries With(PresenceEntry own) => new(this, WireEntry.From(own));

    public IEnumerator<WireEntry> GetEnumerator() =>
        (_own is null ? _entries.Select(WireEntry.From) : _entries.Select(WireEntry.From).Append(_own)).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private void Write(Utf8JsonWriter writer)
    {
        var text = _text.Value;
        if (_own is null)
        {
            writer.WriteRawValue(text, skipInputValidation: true);
            return;
        }

        var own = JsonSerializer.SerializeToUtf8Bytes(_own, Json);
        var whole = ArrayPool<byte>.Shared.Rent(text.Length + own.Length + 1);
        try
        {
            // The others without the closing bracket.
            var length = text.Length - 1;
            text.AsSpan(0, length).CopyTo(whole);
            if (_entries.Length > 0)
            {
                whole[length++] = (byte)',';
            }

            own.CopyTo(whole, length);
            length += own.Length;
            whole[length++] = (byte)']';
            writer.WriteRawValue(whole.AsSpan(0, length), skipInputValidation: true);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(whole);
        }
    }

    private sealed class Converter : JsonConverter<WireEntries>
    {
        public override WireEntries Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new NotSupportedException("Answers are written only.");

        public override void Write(Utf8JsonWriter writer, WireEntries value, JsonSerializerOptions options) => value.Write(writer);
    }
}
