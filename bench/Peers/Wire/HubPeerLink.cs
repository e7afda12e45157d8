using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Clinic.Peers.Wire;

/// <summary>SignalR's JSON protocol over a WebSocket alone, for SignalR's own hub and for Clinic's.</summary>
/// <param name="hub">The hub's address.</param>
/// <param name="token">The user's token, for the query.</param>
/// <param name="join">How the hub's method to join is called, with <c>{0}</c> where the topic goes as JSON: <c>"target":…,"arguments":…</c>.</param>
/// <param name="meter">Takes what arrives.</param>
internal sealed class HubPeerLink(Uri hub, string token, CompositeFormat join, EventMeter meter)
    : PeerLink(new Uri(hub, $"?access_token={token}"), meter)
{
    private const byte RecordSeparator = 0x1e;

    private readonly TaskCompletionSource _greeted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentDictionary<int, TaskCompletionSource> _calls = new();
    private int _lastCall;
    private int _scanned;

    public override async Task JoinAsync(string topic, CancellationToken cancellation)
    {
        var id = Interlocked.Increment(ref _lastCall);
        var answered = _calls[id] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var call = string.Format(CultureInfo.InvariantCulture, join, JsonSerializer.Serialize(topic));
        SendText(Encoding.UTF8.GetBytes($"{{\"type\":1,\"invocationId\":\"{id}\",{call}}}\u001e"));
        await answered.Task.WaitAsync(cancellation);
    }

    public override void Signal(string topic, ReadOnlySpan<byte> data)
        => SendText(Encoding.UTF8.GetBytes(
            $"{{\"type\":1,\"target\":\"Signal\",\"arguments\":[\"{topic}\",\"moved\",{Encoding.UTF8.GetString(data)}]}}\u001e"));

    public override void KeepAlive() => SendText("{\"type\":6}\u001e"u8);

    protected override async Task GreetAsync(CancellationToken cancellation)
    {
        SendText("{\"protocol\":\"json\",\"version\":1}\u001e"u8);
        await _greeted.Task.WaitAsync(cancellation);
    }

    protected override int Take(ReadOnlySpan<byte> payload, bool messageEnds)
    {
        var read = 0;
        for (int found; (found = payload[_scanned..].IndexOf(RecordSeparator)) >= 0; _scanned = read)
        {
            Record(payload[read..(_scanned + found)]);
            read = _scanned + found + 1;
        }

        _scanned = payload.Length - read;
        return read;
    }

    protected override void Ended(Exception reason)
    {
        _greeted.TrySetException(reason);
        foreach (var call in _calls.Values)
        {
            call.TrySetException(reason);
        }
    }

    private void Record(ReadOnlySpan<byte> record)
    {
        if (record.StartsWith("{\"type\":1"u8))
        {
            Meter.Read(record);
        }
        else if (record.StartsWith("{\"type\":3"u8))
        {
            Answer(record);
        }
        else if (record.StartsWith("{\"error\""u8))
        {
            _greeted.TrySetException(new InvalidOperationException($"refused: {Encoding.UTF8.GetString(record)}"));
        }
        else if (record.StartsWith("{}"u8))
        {
            _greeted.TrySetResult();
        }
    }

    private void Answer(ReadOnlySpan<byte> record)
    {
        var reader = new Utf8JsonReader(record);
        string? error = null;
        TaskCompletionSource? call = null;
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName && !reader.ValueTextEquals("result"u8))
        {
            var isCall = reader.ValueTextEquals("invocationId"u8);
            var isError = reader.ValueTextEquals("error"u8);
            reader.Read();
            if (isCall)
            {
                _calls.TryRemove(int.Parse(reader.ValueSpan, CultureInfo.InvariantCulture), out call);
            }
            else if (isError)
            {
                error = reader.GetString();
            }
        }

        if (error is null)
        {
            call?.TrySetResult();
        }
        else
        {
            call?.TrySetException(new InvalidOperationException($"refused: {error}"));
        }
    }
}
