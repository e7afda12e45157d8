using System.Buffers;
using System.Collections;
using System.Runtime.InteropServices;
using System.Text.Json;
using Clinic.Load.Events;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;

namespace Clinic.Load.Clients;

/// <summary>The official .NET client, for both protocols; slower than the lean engine and the reference for its correctness.</summary>
internal sealed class OfficialLink : HubLink
{
    private readonly HubConnection _connection;
    private readonly bool _messagePack;
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public OfficialLink(Uri hub, string token, bool messagePack, ILinkReceiver receiver)
    {
        _messagePack = messagePack;
        var builder = new HubConnectionBuilder().WithUrl(hub, options =>
        {
            options.AccessTokenProvider = () => Task.FromResult<string?>(token);
            options.SkipNegotiation = true;
            options.Transports = HttpTransportType.WebSockets;
        });
        if (messagePack)
        {
            builder.AddMessagePackProtocol();
        }

        _connection = builder.Build();
        _connection.Closed += _ =>
        {
            _closed.TrySetResult();
            return Task.CompletedTask;
        };
        On("events", json =>
        {
            var reader = new Utf8JsonReader(json);
            ClinicJson.ReadEvents(ref reader, receiver);
        });
        On("presence", json =>
        {
            var reader = new Utf8JsonReader(json);
            receiver.Presence(ClinicJson.ReadPresence(ref reader));
        });
        On("reset", json =>
        {
            var reader = new Utf8JsonReader(json);
            receiver.Reset(ClinicJson.ReadPair(ref reader, "topic"u8, default).Text ?? "");
        });
        On("closing", json =>
        {
            var reader = new Utf8JsonReader(json);
            var (reason, retryAfterMs) = ClinicJson.ReadPair(ref reader, "reason"u8, "retryAfterMs"u8);
            receiver.Closing(reason ?? "", (int)retryAfterMs);
        });
    }

    /// <summary>Gets a message's argument as JSON, whatever protocol it came by.</summary>
    private delegate void Reading(ReadOnlySpan<byte> json);

    public override Task Closed => _closed.Task;

    public override Task OpenAsync(CancellationToken cancellation) => _connection.StartAsync(cancellation);

    public override async Task SubscribeAsync(
        string topic, Position? since, Action<SubscribeAnswer> apply, CancellationToken cancellation)
    {
        object? from = since is null ? null : new Dictionary<string, object> { ["epoch"] = since.Epoch, ["offset"] = since.Offset };
        var type = _messagePack ? typeof(object) : typeof(JsonElement);
        var result = await _connection.InvokeCoreAsync("Subscribe", type, [topic, from], cancellation).WaitAsync(CallTimeout, cancellation);
        apply(Answer(Json(result)));

        static SubscribeAnswer Answer(ReadOnlySpan<byte> json)
        {
            var reader = new Utf8JsonReader(json);
            return ClinicJson.ReadAnswer(ref reader);
        }
    }

    public override void Abort() => _ = _connection.DisposeAsync().AsTask();

    public override async ValueTask DisposeAsync() => await _connection.DisposeAsync();

    private void On(string method, Reading read)
        => _connection.On(method, [_messagePack ? typeof(object) : typeof(JsonElement)], arguments =>
        {
            read(Json(arguments[0]));
            return Task.CompletedTask;
        });

    private static ReadOnlySpan<byte> Json(object? value)
    {
        if (value is JsonElement element)
        {
            return JsonMarshal.GetRawUtf8Value(element);
        }

        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output))
        {
            Write(json, value);
        }

        return output.WrittenSpan;
    }

    private static void Write(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNullValue();
                break;
            case IDictionary map:
                json.WriteStartObject();
                foreach (DictionaryEntry entry in map)
                {
                    json.WritePropertyName(entry.Key.ToString()!);
                    Write(json, entry.Value);
                }

                json.WriteEndObject();
                break;
            case string text:
                json.WriteStringValue(text);
                break;
            case IEnumerable list:
                json.WriteStartArray();
                foreach (var item in list)
                {
                    Write(json, item);
                }

                json.WriteEndArray();
                break;
            default:
                JsonSerializer.Serialize(json, value, value.GetType());
                break;
        }
    }
}
