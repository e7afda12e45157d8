using System.Text;
using System.Text.Json;
using Clinic.Load.Events;

namespace Clinic.Load.Clients;

/// <summary>Reads the contract's messages straight from UTF-8, without objects for what is only counted.</summary>
internal static class ClinicJson
{
    /// <summary>Reads an array of events; the reader stands before its first token.</summary>
    public static void ReadEvents(ref Utf8JsonReader reader, ILinkReceiver receiver)
    {
        Enter(ref reader, JsonTokenType.StartArray);
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            ReadEvent(ref reader, out var topic, out var epoch, out var arrival);
            receiver.Event(topic, epoch, arrival);
        }
    }

    public static PresenceChanges ReadPresence(ref Utf8JsonReader reader)
    {
        var changes = new PresenceChanges();
        Enter(ref reader, JsonTokenType.StartObject);
        ReadPresenceBody(ref reader, changes);
        return changes;
    }

    public static SubscribeAnswer ReadAnswer(ref Utf8JsonReader reader)
    {
        var answer = new SubscribeAnswer();
        Enter(ref reader, JsonTokenType.StartObject);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("epoch"u8))
            {
                reader.Read();
                answer.Epoch = reader.GetString() ?? "";
            }
            else if (reader.ValueTextEquals("offset"u8))
            {
                reader.Read();
                answer.Offset = reader.GetInt64();
            }
            else if (reader.ValueTextEquals("recovered"u8))
            {
                reader.Read();
                answer.Recovered = reader.GetBoolean();
            }
            else if (reader.ValueTextEquals("events"u8))
            {
                reader.Read();
                while (reader.TokenType == JsonTokenType.StartArray && reader.Read() && reader.TokenType == JsonTokenType.StartObject)
                {
                    do
                    {
                        ReadEvent(ref reader, out _, out _, out var arrival);
                        answer.Events.Add(arrival);
                    }
                    while (reader.Read() && reader.TokenType == JsonTokenType.StartObject);
                }
            }
            else if (reader.ValueTextEquals("presence"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.StartObject)
                {
                    ReadPresenceBody(ref reader, answer.Presence);
                }
            }
            else
            {
                Pass(ref reader);
            }
        }

        return answer;
    }

    /// <summary>Reads an object with text and number properties at most, such as the arguments of reset and closing.</summary>
    public static (string? Text, long Number) ReadPair(ref Utf8JsonReader reader, ReadOnlySpan<byte> text, ReadOnlySpan<byte> number)
    {
        string? first = null;
        var second = 0L;
        Enter(ref reader, JsonTokenType.StartObject);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals(text))
            {
                reader.Read();
                first = reader.GetString();
            }
            else if (!number.IsEmpty && reader.ValueTextEquals(number))
            {
                reader.Read();
                second = reader.TokenType == JsonTokenType.Number ? (long)reader.GetDouble() : 0;
            }
            else
            {
                Pass(ref reader);
            }
        }

        return (first, second);
    }

    private static void ReadEvent(
        ref Utf8JsonReader reader, out ReadOnlySpan<byte> topic, out ReadOnlySpan<byte> epoch, out Arrival arrival)
    {
        topic = default;
        epoch = default;
        var offset = 0L;
        var due = 0L;
        var sequence = -1L;
        var run = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("topic"u8))
            {
                reader.Read();
                topic = Text(ref reader);
            }
            else if (reader.ValueTextEquals("epoch"u8))
            {
                reader.Read();
                epoch = Text(ref reader);
            }
            else if (reader.ValueTextEquals("offset"u8))
            {
                reader.Read();
                offset = reader.GetInt64();
            }
            else if (reader.ValueTextEquals("data"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.StartObject)
                {
                    ReadData(ref reader, ref due, ref sequence, ref run);
                }
                else
                {
                    reader.Skip();
                }
            }
            else
            {
                Pass(ref reader);
            }
        }

        arrival = new Arrival(offset, due, sequence, run);
    }

    private static void ReadData(ref Utf8JsonReader reader, ref long due, ref long sequence, ref int run)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("due"u8))
            {
                reader.Read();
                _ = reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out due);
            }
            else if (reader.ValueTextEquals("seq"u8))
            {
                reader.Read();
                _ = reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out sequence);
            }
            else if (reader.ValueTextEquals("run"u8))
            {
                reader.Read();
                _ = reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out run);
            }
            else
            {
                Pass(ref reader);
            }
        }
    }

    private static void ReadPresenceBody(ref Utf8JsonReader reader, PresenceChanges changes)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("topic"u8))
            {
                reader.Read();
                changes.Topic = reader.GetString() ?? "";
            }
            else if (reader.ValueTextEquals("epoch"u8))
            {
                reader.Read();
                changes.Epoch = reader.GetString() ?? "";
            }
            else if (reader.ValueTextEquals("version"u8))
            {
                reader.Read();
                changes.Version = reader.GetInt64();
            }
            else if (reader.ValueTextEquals("entries"u8) || reader.ValueTextEquals("joins"u8) || reader.ValueTextEquals("updates"u8))
            {
                reader.Read();
                while (reader.TokenType != JsonTokenType.Null && reader.Read() && reader.TokenType == JsonTokenType.StartObject)
                {
                    changes.Changes.Add(ReadEntry(ref reader));
                }
            }
            else if (reader.ValueTextEquals("leaves"u8))
            {
                reader.Read();
                while (reader.TokenType != JsonTokenType.Null && reader.Read() && reader.TokenType == JsonTokenType.String)
                {
                    changes.Changes.Add((NumberOf(Text(ref reader)), Standing.Absent));
                }
            }
            else
            {
                Pass(ref reader);
            }
        }
    }

    private static (int User, Standing Standing) ReadEntry(ref Utf8JsonReader reader)
    {
        var user = -1;
        var standing = Standing.Live;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("user"u8))
            {
                reader.Read();
                user = NumberOf(Text(ref reader));
            }
            else if (reader.ValueTextEquals("status"u8))
            {
                reader.Read();
                standing = reader.ValueTextEquals("reconnecting"u8) ? Standing.Reconnecting : Standing.Live;
            }
            else
            {
                Pass(ref reader);
            }
        }

        return (user, standing);
    }

    // The generator's users end in "-123"; others (of the seed, say) get -1 and are not tracked.
    private static int NumberOf(ReadOnlySpan<byte> user)
    {
        var number = user[(user.LastIndexOf((byte)'-') + 1)..];
        return number.Length < user.Length && System.Buffers.Text.Utf8Parser.TryParse(number, out int value, out var used)
            && used == number.Length ? value : -1;
    }

    private static ReadOnlySpan<byte> Text(ref Utf8JsonReader reader)
        => reader.ValueIsEscaped ? Encoding.UTF8.GetBytes(reader.GetString()!) : reader.ValueSpan;

    private static void Enter(ref Utf8JsonReader reader, JsonTokenType expected)
    {
        if (!reader.Read() || reader.TokenType != expected)
        {
            throw new JsonException($"expected {expected}, found {reader.TokenType}");
        }
    }

    private static void Pass(ref Utf8JsonReader reader)
    {
        reader.Read();
        reader.Skip();
    }
}
