using System.Text.Json;
using MessagePack;
using MessagePack.Formatters;

namespace Clinic.Realtime;

/// <summary>
/// Gives MessagePack clients the very shape that JSON clients get: the product's own types are written as the MessagePack of their JSON. So there is one contract, and one set
/// of names, for both protocols.
/// </summary>
internal sealed class JsonShapedResolver(JsonSerializerOptions json) : IFormatterResolver
{
    public IMessagePackFormatter<T>? GetFormatter<T>() => IsOurs(typeof(T)) ? new JsonShapedFormatter<T>(json) : null;

    private static bool IsOurs(Type type) =>
        type == typeof(JsonElement)
        || type.Namespace?.StartsWith("Clinic.", StringComparison.Ordinal) == true
        || (type.IsArray && IsOurs(type.GetElementType()!))
        || (Nullable.GetUnderlyingType(type) is { } inner && IsOurs(inner));

    private sealed class JsonShapedFormatter<T>(JsonSerializerOptions json) : IMessagePackFormatter<T>
    {
        public void Serialize(ref MessagePackWriter writer, T value, MessagePackSerializerOptions options) =>
            JsonToMessagePack.Write(ref writer, JsonSerializer.SerializeToUtf8Bytes(value, json));

        public T Deserialize(ref MessagePackReader reader, MessagePackSerializerOptions options)
        {
            if (reader.TryReadNil())
            {
                return JsonSerializer.Deserialize<T>("null", json)!;
            }

            using var text = new StringWriter();
            MessagePackSerializer.ConvertToJson(ref reader, text, options);
            return JsonSerializer.Deserialize<T>(text.ToString(), json)!;
        }
    }
}
