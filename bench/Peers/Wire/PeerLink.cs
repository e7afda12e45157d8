using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Clinic.Peers.Wire;

/// <summary>
/// One client on a WebSocket of its own making: no object and no hand-over for a message, the same for every peer, so that the generator
/// costs each of them the same. What a peer's protocol puts into the WebSocket is the derived class's.
/// </summary>
internal abstract class PeerLink(Uri address, EventMeter meter) : IAsyncDisposable
{
    private const int UsualBuffer = 16 * 1024;
    private const int MostBuffer = 16 * 1024 * 1024;
    private const byte Ping = 9;
    private const byte Pong = 10;
    private const byte Close = 8;
    private const byte Text = 1;
    private static readonly TimeSpan Goodbye = TimeSpan.FromSeconds(2);

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly Lock _sending = new();
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private byte[] _buffer = new byte[UsualBuffer];

    // The buffer holds payload that is not read yet, a gap where frames' headers were, and bytes that are not taken out of their frames yet.
    private int _start;
    private int _payload;
    private int _raw;
    private int _end;
    private long _frameRest;
    private bool _inFrame;
    private bool _final;

    /// <summary>Why the connection ended, if it did so by itself.</summary>
    public string? Failure { get; private set; }

    /// <summary>Done when the connection is gone.</summary>
    public Task Closed => _closed.Task;

    protected EventMeter Meter => meter;

    /// <summary>Connects, upgrades, and does the protocol's own greeting.</summary>
    public async Task OpenAsync(CancellationToken cancellation)
    {
        await _socket.ConnectAsync(IPAddress.Parse(address.Host), address.Port, cancellation);
        var request = $"GET {address.PathAndQuery} HTTP/1.1\r\nHost: {address.Authority}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Key: cGVlci1nZW5lcmF0b3ItLQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
        await _socket.SendAsync(Encoding.ASCII.GetBytes(request), cancellation);
        await UpgradeAsync(cancellation);
        _ = ReceiveAsync();
        await GreetAsync(cancellation);
    }

    /// <summary>Joins a topic; done when the server has said yes.</summary>
    public abstract Task JoinAsync(string topic, CancellationToken cancellation);

    /// <summary>Sends a signal to the topic's others and waits for nothing.</summary>
    public abstract void Signal(string topic, ReadOnlySpan<byte> data);

    /// <summary>What the protocol wants a client to say now and then.</summary>
    public abstract void KeepAlive();

    /// <summary>Ends without a goodbye.</summary>
    public void Cut() => _socket.Dispose();

    public async ValueTask DisposeAsync()
    {
        if (_socket.Connected)
        {
            SendFrame(Close, [3, 232]);
            await _closed.Task.WaitAsync(Goodbye).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _socket.Dispose();
    }

    protected abstract Task GreetAsync(CancellationToken cancellation);

    /// <summary>Takes the payload of whole frames.</summary>
    /// <param name="payload">What is not read yet.</param>
    /// <param name="messageEnds">Whether the WebSocket message ends with it.</param>
    /// <returns>How much of it was read.</returns>
    protected abstract int Take(ReadOnlySpan<byte> payload, bool messageEnds);

    /// <summary>Called once when the connection has ended: whoever waits for an answer gets none.</summary>
    protected abstract void Ended(Exception reason);

    protected void SendText(ReadOnlySpan<byte> text) => SendFrame(Text, text);

    private void SendFrame(byte opcode, ReadOnlySpan<byte> payload)
    {
        // A client's frames are masked; a mask of zeros leaves the bytes as they are.
        Span<byte> frame = payload.Length <= 1024 ? stackalloc byte[payload.Length + 8] : new byte[payload.Length + 8];
        frame[0] = (byte)(0x80 | opcode);
        var header = 6;
        if (payload.Length < 126)
        {
            frame[1] = (byte)(0x80 | payload.Length);
        }
        else
        {
            frame[1] = 0x80 | 126;
            BinaryPrimitives.WriteUInt16BigEndian(frame[2..], checked((ushort)payload.Length));
            header = 8;
        }

        frame[(header - 4)..header].Clear();
        payload.CopyTo(frame[header..]);
        try
        {
            lock (_sending)
            {
                _socket.Send(frame[..(header + payload.Length)]);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            Failure ??= exception.Message;
        }
    }

    private async Task UpgradeAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var received = await _socket.ReceiveAsync(_buffer.AsMemory(_end), cancellation);
            _end += received;
            var head = _buffer.AsSpan(0, _end).IndexOf("\r\n\r\n"u8);
            if (head >= 0)
            {
                if (!_buffer.AsSpan(0, head).StartsWith("HTTP/1.1 101"u8))
                {
                    throw new InvalidOperationException($"no upgrade: {Encoding.ASCII.GetString(_buffer, 0, Math.Min(head, 200))}");
                }

                _start = _payload = _raw = head + 4;
                return;
            }

            if (received == 0 || _end == _buffer.Length)
            {
                throw new IOException("the server ended the connection during the upgrade");
            }
        }
    }

    private async Task ReceiveAsync()
    {
        Exception reason = new IOException("the server ended the connection");
        try
        {
            while (Unframe())
            {
                MakeRoom();
                var received = await _socket.ReceiveAsync(_buffer.AsMemory(_end), SocketFlags.None);
                if (received == 0)
                {
                    break;
                }

                _end += received;
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            reason = exception;
        }

        Failure ??= reason.Message;
        _closed.TrySetResult();
        Ended(reason);
    }

    /// <summary>Takes what has arrived out of its frames; false at the server's close frame.</summary>
    private bool Unframe()
    {
        while (true)
        {
            if (!_inFrame && !Header(out var goesOn))
            {
                return goesOn;
            }

            if (!_inFrame)
            {
                continue;
            }

            var some = (int)Math.Min(_frameRest, _end - _raw);
            if (_raw != _payload)
            {
                _buffer.AsSpan(_raw, some).CopyTo(_buffer.AsSpan(_payload));
            }

            _payload += some;
            _raw += some;
            _frameRest -= some;
            if (_frameRest > 0)
            {
                return true;
            }

            _inFrame = false;
            _start += Take(_buffer.AsSpan(_start, _payload - _start), _final);
        }
    }

    // False when there is no whole header, or, with goesOn false, when the server says goodbye. A control frame is dealt with here.
    private bool Header(out bool goesOn)
    {
        goesOn = true;
        var raw = _buffer.AsSpan(_raw, _end - _raw);
        if (raw.Length < 2)
        {
            return false;
        }

        long length = raw[1] & 0x7f;
        var header = length switch { 126 => 4, 127 => 10, _ => 2 };
        if (raw.Length < header)
        {
            return false;
        }

        length = header switch
        {
            4 => BinaryPrimitives.ReadUInt16BigEndian(raw[2..]),
            10 => (long)BinaryPrimitives.ReadUInt64BigEndian(raw[2..]),
            _ => length,
        };
        var opcode = raw[0] & 0x0f;
        if (opcode < Close)
        {
            _final = (raw[0] & 0x80) != 0;
            _frameRest = length;
            _inFrame = true;
            _raw += header;
            return true;
        }

        if (raw.Length < header + length)
        {
            return false;
        }

        if (opcode == Ping)
        {
            SendFrame(Pong, raw.Slice(header, (int)length));
        }

        _raw += header + (int)length;
        goesOn = opcode != Close;
        return goesOn;
    }

    private void MakeRoom()
    {
        var payload = _payload - _start;
        var raw = _end - _raw;
        var buffer = _buffer;
        if (payload + raw == 0 && _buffer.Length > UsualBuffer)
        {
            buffer = new byte[UsualBuffer];
        }
        else if (payload + raw > _buffer.Length * 3 / 4)
        {
            buffer = _buffer.Length < MostBuffer
                ? new byte[_buffer.Length * 2]
                : throw new InvalidOperationException($"a message has more than {MostBuffer} bytes");
        }

        _buffer.AsSpan(_start, payload).CopyTo(buffer);
        _buffer.AsSpan(_raw, raw).CopyTo(buffer.AsSpan(payload));
        _buffer = buffer;
        (_start, _payload, _raw, _end) = (0, payload, payload, payload + raw);
    }
}
