using System.Net.WebSockets;
using Microsoft.AspNetCore.Http.Features;

namespace Clinic.Realtime;

/// <summary>
/// Notices whether a client said goodbye. SignalR tells the hub the same about a goodbye and a cut cable; on the WebSocket the first one is SignalR's own Close message or a
/// close frame, whichever comes first, and the second is neither.
/// </summary>
internal sealed class CloseWatch(IHttpWebSocketFeature inner) : IHttpWebSocketFeature
{
    /// <summary>The longest that a Close message of a client is.</summary>
    private const int MaxCloseMessage = 128;

    /// <summary>Whether a Close message or a close frame came.</summary>
    public bool ClosedOnPurpose { get; private set; }

    public bool IsWebSocketRequest => inner.IsWebSocketRequest;

    /// <summary>Puts the watch into a request to the hub.</summary>
    public static Task WatchAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Features.Get<IHttpWebSocketFeature>() is { IsWebSocketRequest: true } feature)
        {
            var watch = new CloseWatch(feature);
            context.Features.Set<IHttpWebSocketFeature>(watch);
            context.Features.Set(watch);
        }

        return next(context);
    }

    private static bool IsCloseMessage(ReadOnlySpan<byte> message) =>
        message.Length is > 2 and <= MaxCloseMessage
        && (message.StartsWith("{\"type\":7"u8)
            // MessagePack: a length, an array, the type.
            || (message[0] == message.Length - 1 && message[1] is > 0x90 and < 0x9f && message[2] == 7));

    public async Task<WebSocket> AcceptAsync(WebSocketAcceptContext context) => new WatchedSocket(await inner.AcceptAsync(context), this);

    private sealed class WatchedSocket(WebSocket socket, CloseWatch watch) : WebSocket
    {
        public override WebSocketCloseStatus? CloseStatus => socket.CloseStatus;

        public override string? CloseStatusDescription => socket.CloseStatusDescription;

        public override WebSocketState State => socket.State;

        public override string? SubProtocol => socket.SubProtocol;

        public override void Abort() => socket.Abort();

        public override Task CloseAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) =>
            socket.CloseAsync(closeStatus, statusDescription, cancellationToken);

        public override Task CloseOutputAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) =>
            socket.CloseOutputAsync(closeStatus, statusDescription, cancellationToken);

        public override void Dispose() => socket.Dispose();

        public override async Task<WebSocketReceiveResult> ReceiveAsync(ArraySegment<byte> buffer, CancellationToken cancellationToken)
        {
            var result = await socket.ReceiveAsync(buffer, cancellationToken);
            Note(result.MessageType, buffer.AsSpan(0, result.Count));
            return result;
        }

        public override ValueTask<ValueWebSocketReceiveResult> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
        {
            var receive = socket.ReceiveAsync(buffer, cancellationToken);
            if (!receive.IsCompletedSuccessfully)
            {
                return NoteAsync(receive, buffer);
            }

            var result = receive.GetAwaiter().GetResult();
            Note(result.MessageType, buffer.Span[..result.Count]);
            return new(result);
        }

        public override Task SendAsync(
            ArraySegment<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken) =>
            socket.SendAsync(buffer, messageType, endOfMessage, cancellationToken);

        public override ValueTask SendAsync(
            ReadOnlyMemory<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken) =>
            socket.SendAsync(buffer, messageType, endOfMessage, cancellationToken);

        public override ValueTask SendAsync(
            ReadOnlyMemory<byte> buffer, WebSocketMessageType messageType, WebSocketMessageFlags messageFlags, CancellationToken cancellationToken) =>
            socket.SendAsync(buffer, messageType, messageFlags, cancellationToken);

        private async ValueTask<ValueWebSocketReceiveResult> NoteAsync(ValueTask<ValueWebSocketReceiveResult> receive, Memory<byte> buffer)
        {
            var result = await receive;
            Note(result.MessageType, buffer.Span[..result.Count]);
            return result;
        }

        private void Note(WebSocketMessageType type, ReadOnlySpan<byte> message) =>
            watch.ClosedOnPurpose |= type == WebSocketMessageType.Close || IsCloseMessage(message);
    }
}
