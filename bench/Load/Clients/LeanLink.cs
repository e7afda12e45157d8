using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Clinic.Load.Events;
using Microsoft.AspNetCore.SignalR;

namespace Clinic.Load.Clients;

/// <summary>SignalR's JSON protocol straight on a WebSocket: a fraction of the official client's cost, so that the server is what is measured.</summary>
internal sealed class LeanLink(Uri hub, string token, ILinkReceiver receiver) : HubLink
{
    private const byte RecordSeparator = 0x1e;
    private const int UsualBuffer = 8 * 1024;
    private static readonly TimeSpan PingPeriod = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ServerTimeout = TimeSpan.FromSeconds(30);
    private static readonly byte[] Ping = "{\"type\":6}\u001e"u8.ToArray();

    private readonly ClientWebSocket _socket = new();
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly ConcurrentDictionary<int, Call> _calls = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(UsualBuffer);
    private int _lastCall;
    private long _heard;
    private int _disposed;

    public override Task Closed => _closed.Task;

    public override async Task OpenAsync(CancellationToken cancellation)
    {
        var scheme = hub.Scheme == Uri.UriSchemeHttps ? "wss" : "ws";
        var address = new UriBuilder(hub) { Scheme = scheme, Query = $"access_token={Uri.EscapeDataString(token)}" }.Uri;
        await _socket.ConnectAsync(address, cancellation);
        await _socket.SendAsync(
            Encoding.UTF8.GetBytes("{\"protocol\":\"json\",\"version\":1}\u001e"), WebSocketMessageType.Text, true, cancellation);
        var rest = await ReadHandshakeAsync(cancellation);
        _heard = MonotonicClock.Now;
        _ = ReceiveAsync(rest);
        _ = PingAsync();
    }

    public override async Task SubscribeAsync(
        string topic, Position? since, Action<SubscribeAnswer> apply, CancellationToken cancellation)
    {
        var id = Interlocked.Increment(ref _lastCall);
        var call = new Call(apply);
        _calls[id] = call;
        try
        {
            await SendAsync(Invocation(id, topic, since), cancellation);
            await call.Answered.Task.WaitAsync(CallTimeout, cancellation);
        }
        finally
        {
            _calls.TryRemove(id, out _);
        }
    }

    public override void Abort()
    {
        _ended.Cancel();
        _socket.Abort();
    }

    public override async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        try
        {
            if (_socket.State == WebSocketState.Open)
            {
                using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(3));
                await _sending.WaitAsync(patience.Token);
                await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, patience.Token);
                await _closed.Task.WaitAsync(patience.Token);
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException)
        {
            // It is gone already, which is what was wanted.
        }

        Abort();
        _socket.Dispose();
    }

    private static byte[] Invocation(int id, string topic, Position? since)
    {
        var output = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteNumber("type", 1);
            json.WriteString("invocationId", id.ToString(CultureInfo.InvariantCulture));
            json.WriteString("target", "Subscribe");
            json.WriteStartArray("arguments");
            json.WriteStringValue(topic);
            if (since is null)
            {
                json.WriteNullValue();
            }
            else
            {
                json.WriteStartObject();
                json.WriteString("epoch", since.Epoch);
                json.WriteNumber("offset", since.Offset);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        output.Write([RecordSeparator]);
        return output.WrittenSpan.ToArray();
    }

    private async Task SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellation)
    {
        await _sending.WaitAsync(cancellation);
        try
        {
            await _socket.SendAsync(message, WebSocketMessageType.Text, true, cancellation);
        }
        finally
        {
            _sending.Release();
        }
    }

    private async Task PingAsync()
    {
        using var timer = new PeriodicTimer(PingPeriod);
        try
        {
            while (await timer.WaitForNextTickAsync(_ended.Token))
            {
                if (MonotonicClock.Seconds(MonotonicClock.Now - Volatile.Read(ref _heard)) > ServerTimeout.TotalSeconds)
                {
                    Abort();
                    return;
                }

                await SendAsync(Ping, _ended.Token);
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The receiving side sees the same end and reports it.
        }
    }

    private async Task<int> ReadHandshakeAsync(CancellationToken cancellation)
    {
        var end = 0;
        while (true)
        {
            var received = await _socket.ReceiveAsync(_buffer.AsMemory(end), cancellation);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                throw new WebSocketException("the server closed the connection during the handshake");
            }

            end += received.Count;
            var separator = _buffer.AsSpan(0, end).IndexOf(RecordSeparator);
            if (separator >= 0)
            {
                using var answer = JsonDocument.Parse(_buffer.AsMemory(0, separator));
                if (answer.RootElement.TryGetProperty("error", out var error))
                {
                    throw new HubException(error.GetString());
                }

                var rest = end - separator - 1;
                _buffer.AsSpan(separator + 1, rest).CopyTo(_buffer);
                return rest;
            }
        }
    }

    private async Task ReceiveAsync(int end)
    {
        var scanned = 0;
        try
        {
            while (true)
            {
                var start = 0;
                for (int found; (found = _buffer.AsSpan(scanned, end - scanned).IndexOf(RecordSeparator)) >= 0; start = scanned)
                {
                    var record = _buffer.AsSpan(start, scanned + found - start);
                    scanned += found + 1;
                    if (!Handle(record))
                    {
                        return;
                    }
                }

                end = Compact(start, end);
                scanned = end;
                var received = await _socket.ReceiveAsync(_buffer.AsMemory(end), _ended.Token);
                if (received.MessageType == WebSocketMessageType.Close)
                {
                    return;
                }

                end += received.Count;
                Volatile.Write(ref _heard, MonotonicClock.Now);
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException)
        {
            // A cut connection: the client decides what comes next.
        }
        finally
        {
            End();
        }
    }

    private void End()
    {
        _ended.Cancel();
        _socket.Abort();
        _closed.TrySetResult();
        foreach (var (_, call) in _calls)
        {
            call.Answered.TrySetException(new WebSocketException("the connection ended before the answer"));
        }
    }

    // A snapshot may need much more room than the messages after it.
    private int Compact(int start, int end)
    {
        var rest = end - start;
        var wanted = rest == 0 ? UsualBuffer : rest == _buffer.Length ? _buffer.Length * 2 : _buffer.Length;
        if (wanted > _buffer.Length || (wanted == UsualBuffer && _buffer.Length > 8 * UsualBuffer))
        {
            var buffer = ArrayPool<byte>.Shared.Rent(wanted);
            _buffer.AsSpan(start, rest).CopyTo(buffer);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = buffer;
        }
        else if (start > 0)
        {
            _buffer.AsSpan(start, rest).CopyTo(_buffer);
        }

        return rest;
    }

    /// <summary>Takes one message; false when it was the server's goodbye.</summary>
    private bool Handle(ReadOnlySpan<byte> record)
    {
        receiver.Frame(record);
        var reader = new Utf8JsonReader(record);
        var type = 0;
        var call = -1;
        string? error = null;
        ReadOnlySpan<byte> target = default;
        Utf8JsonReader held = default;
        var holds = false;
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("type"u8))
            {
                reader.Read();
                type = reader.GetInt32();
            }
            else if (reader.ValueTextEquals("target"u8))
            {
                reader.Read();
                target = reader.ValueSpan;
            }
            else if (reader.ValueTextEquals("invocationId"u8))
            {
                reader.Read();
                call = int.Parse(reader.ValueSpan, CultureInfo.InvariantCulture);
            }
            else if (reader.ValueTextEquals("error"u8))
            {
                reader.Read();
                error = reader.GetString();
            }
            else if (reader.ValueTextEquals("arguments"u8) && type == 1 && !target.IsEmpty)
            {
                // The server writes the arguments last; there is nothing of interest behind them.
                Invoke(target, ref reader);
                return true;
            }
            else if (reader.ValueTextEquals("arguments"u8) || reader.ValueTextEquals("result"u8))
            {
                held = reader;
                holds = true;
                reader.Read();
                reader.Skip();
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        if (type == 1 && holds)
        {
            Invoke(target, ref held);
        }
        else if (type == 3 && _calls.TryRemove(call, out var waiting))
        {
            if (error is not null)
            {
                waiting.Answered.TrySetException(new HubException(error));
            }
            else
            {
                if (holds)
                {
                    waiting.Apply(ClinicJson.ReadAnswer(ref held));
                }

                waiting.Answered.TrySetResult();
            }
        }

        return type != 7;
    }

    private void Invoke(ReadOnlySpan<byte> target, ref Utf8JsonReader reader)
    {
        reader.Read();
        if (target.SequenceEqual("events"u8))
        {
            ClinicJson.ReadEvents(ref reader, receiver);
        }
        else if (target.SequenceEqual("presence"u8))
        {
            receiver.Presence(ClinicJson.ReadPresence(ref reader));
        }
        else if (target.SequenceEqual("reset"u8))
        {
            receiver.Reset(ClinicJson.ReadPair(ref reader, "topic"u8, default).Text ?? "");
        }
        else if (target.SequenceEqual("closing"u8))
        {
            var (reason, retryAfterMs) = ClinicJson.ReadPair(ref reader, "reason"u8, "retryAfterMs"u8);
            receiver.Closing(reason ?? "", (int)retryAfterMs);
        }
    }

    /// <summary>A Subscribe call whose answer is still to come.</summary>
    private sealed record Call(Action<SubscribeAnswer> Apply)
    {
        public TaskCompletionSource Answered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
