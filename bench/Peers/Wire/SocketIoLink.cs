using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Clinic.Peers.Wire;

/// <summary>Engine.IO 4 and Socket.IO 5 over a WebSocket alone: the token in the connect packet, joins with an acknowledgment.</summary>
internal sealed class SocketIoLink(Uri host, string token, EventMeter meter)
    : PeerLink(new Uri(host, "/socket.io/?EIO=4&transport=websocket"), meter)
{
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentDictionary<int, TaskCompletionSource> _joins = new();
    private int _lastJoin;

    public override async Task JoinAsync(string topic, CancellationToken cancellation)
    {
        var id = Interlocked.Increment(ref _lastJoin);
        var answered = _joins[id] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        SendText(Encoding.UTF8.GetBytes($"42{id}{JsonSerializer.Serialize(new[] { "join", topic })}"));
        await answered.Task.WaitAsync(cancellation);
    }

    public override void Signal(string topic, ReadOnlySpan<byte> data)
        => SendText(Encoding.UTF8.GetBytes($"42[\"signal\",\"{topic}\",\"moved\",{Encoding.UTF8.GetString(data)}]"));

    public override void KeepAlive()
    {
        // The server asks and the client answers; see Take.
    }

    protected override async Task GreetAsync(CancellationToken cancellation)
    {
        await _opened.Task.WaitAsync(cancellation);
        SendText(Encoding.UTF8.GetBytes($"40{JsonSerializer.Serialize(new { token })}"));
        await _connected.Task.WaitAsync(cancellation);
    }

    protected override int Take(ReadOnlySpan<byte> payload, bool messageEnds)
    {
        if (!messageEnds)
        {
            return 0;
        }

        if (payload.StartsWith("42"u8))
        {
            Meter.Read(payload);
        }
        else if (payload.StartsWith("2"u8))
        {
            SendText("3"u8);
        }
        else if (payload.StartsWith("0"u8))
        {
            _opened.TrySetResult();
        }
        else if (payload.StartsWith("40"u8))
        {
            _connected.TrySetResult();
        }
        else if (payload.StartsWith("43"u8))
        {
            Answer(payload[2..]);
        }
        else if (payload.StartsWith("44"u8))
        {
            _connected.TrySetException(new InvalidOperationException($"refused: {Encoding.UTF8.GetString(payload[2..])}"));
        }

        return payload.Length;
    }

    protected override void Ended(Exception reason)
    {
        _opened.TrySetException(reason);
        _connected.TrySetException(reason);
        foreach (var join in _joins.Values)
        {
            join.TrySetException(reason);
        }
    }

    private void Answer(ReadOnlySpan<byte> text)
    {
        var array = text.IndexOf((byte)'[');
        if (array > 0 && _joins.TryRemove(int.Parse(text[..array], CultureInfo.InvariantCulture), out var join))
        {
            if (text.IndexOf("\"error\""u8) >= 0)
            {
                join.TrySetException(new InvalidOperationException($"refused: {Encoding.UTF8.GetString(text)}"));
            }
            else
            {
                join.TrySetResult();
            }
        }
    }
}
