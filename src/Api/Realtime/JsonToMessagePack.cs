using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using MessagePack;

namespace Clinic.Realtime;

/// <summary>
/// Writes JSON as MessagePack: every value as what it is in JavaScript. A number that is no 64-bit integer becomes a double; half of a surrogate pair, which UTF-8 can't hold,
/// becomes the replacement character.
/// </summary>
internal static class JsonToMessagePack
{
    /// <summary>An event's or a signal's data, and what is around it.</summary>
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 64 };

    public static void Write(ref MessagePackWriter writer, ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json, Options);
        Write(ref writer, document.RootElement);
    }

    private static void Write(ref MessagePackWriter writer, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteMapHeader(value.GetPropertyCount());
                foreach (var property in value.EnumerateObject())
                {
                    WriteText(ref writer, JsonMarshal.GetRawUtf8PropertyName(property));
                    Write(ref writer, property.Value);
                }

                break;
            case JsonValueKind.Array:
                writer.WriteArrayHeader(value.GetArrayLength());
                foreach (var item in value.EnumerateArray())
                {
                    Write(ref writer, item);
                }

                break;
            case JsonValueKind.String:
                WriteText(ref writer, JsonMarshal.GetRawUtf8Value(value)[1..^1]);
                break;
            case JsonValueKind.Number when value.TryGetInt64(out var signed):
                writer.Write(signed);
                break;
            case JsonValueKind.Number when value.TryGetUInt64(out var unsigned):
                writer.Write(unsigned);
                break;
            case JsonValueKind.Number:
                writer.Write(value.GetDouble());
                break;
            case JsonValueKind.True or JsonValueKind.False:
                writer.Write(value.ValueKind == JsonValueKind.True);
                break;
            default:
                writer.WriteNil();
                break;
        }
    }

    /// <summary>Writes the text between the quotes.</summary>
    private static void WriteText(ref MessagePackWriter writer, ReadOnlySpan<byte> escaped)
    {
        if (escaped.Contains((byte)'\\'))
        {
            writer.Write(Unescape(Encoding.UTF8.GetString(escaped)));
        }
        else
        {
            writer.WriteString(escaped);
        }
    }

    /// <summary>By hand, because the serializer throws at half a surrogate pair.</summary>
    private static string Unescape(string escaped)
    {
        var text = new StringBuilder(escaped.Length);
        for (var i = 0; i < escaped.Length; i++)
        {
            if (escaped[i] != '\\')
            {
                text.Append(escaped[i]);
                continue;
            }

            i++;
            text.Append(escaped[i] switch
            {
                'b' => '\b',
                'f' => '\f',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'u' => (char)Convert.ToUInt16(escaped.Substring(i + 1, 4), 16),
                var other => other,
            });
            i += escaped[i] == 'u' ? 4 : 0;
        }

        return text.ToString();
    }
}
