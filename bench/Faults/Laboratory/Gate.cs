using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Clinic.Faults.Laboratory;

/// <summary>
/// A door in front of a server through which all connections to it go, so that they can be cut, made slow, or go dead without a word. It
/// hands on bytes and knows no protocol.
/// </summary>
internal sealed class Gate : IAsyncDisposable
{
    private const int Chunk = 16 * 1024;

    private readonly TcpListener _listener;
    private readonly ConcurrentDictionary<Passage, bool> _open = new();
    private readonly CancellationTokenSource _stop = new();
    private volatile bool _isCut;
    private volatile bool _isSilent;
    private int _delayMs;

    /// <summary>Opens a door on a free port.</summary>
    /// <param name="listen">The address that clients of the door use.</param>
    /// <param name="server">Where it leads.</param>
    public Gate(IPAddress listen, IPEndPoint server)
    {
        Server = server;
        _listener = new TcpListener(listen, 0);
        _listener.Start(2048);
        _ = AcceptAsync();
    }

    /// <summary>Where it leads; for the connections to come.</summary>
    public IPEndPoint Server { get; set; }

    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndpoint;

    public Uri Address => new($"http://{EndPoint}");

    /// <summary>Connections that are open.</summary>
    public int Open => _open.Count;

    /// <summary>Resets what is open and refuses what comes, until <see cref="Mend"/>.</summary>
    public void Cut()
    {
        _isCut = true;
        Reset();
    }

    /// <summary>Resets what is open; new connections are let through.</summary>
    public void Reset()
    {
        foreach (var passage in _open.Keys)
        {
            passage.Reset();
        }
    }

    /// <summary>Nothing passes any more, on open connections and on those to come, and nobody hears of it, until <see cref="Mend"/>.</summary>
    public void Silence()
    {
        _isSilent = true;
        Swallow();
    }

    /// <summary>From now on nothing passes on the connections that are open, and neither end hears of it. New ones are let through.</summary>
    /// <returns>Ends them.</returns>
    public Action Swallow()
    {
        var dead = _open.Keys.ToList();
        dead.ForEach(passage => passage.Swallow());
        return () => dead.ForEach(passage => passage.Reset());
    }

    /// <summary>Whatever passes waits for so long, each chunk of at most 16 KiB behind the one before it.</summary>
    public void Slow(TimeSpan delay) => Volatile.Write(ref _delayMs, (int)delay.TotalMilliseconds);

    /// <summary>Lets everything through again; connections that were silent are reset.</summary>
    public void Mend()
    {
        _isCut = false;
        Slow(TimeSpan.Zero);
        if (_isSilent)
        {
            _isSilent = false;
            foreach (var passage in _open.Keys.Where(passage => passage.IsSwallowed))
            {
                passage.Reset();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        Reset();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            Socket client;
            try
            {
                client = await _listener.AcceptSocketAsync(_stop.Token);
            }
            catch (SocketException) when (!_stop.IsCancellationRequested)
            {
                // The client was gone before it was accepted.
                continue;
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                return;
            }

            _ = PassAsync(client);
        }
    }

    private async Task PassAsync(Socket client)
    {
        var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.NoDelay = true;
        var passage = new Passage(client, server);
        _open[passage] = true;
        try
        {
            if (_isCut)
            {
                return;
            }

            if (_isSilent)
            {
                passage.Swallow();
            }

            await server.ConnectAsync(Server, _stop.Token);
            await Task.WhenAll(PumpAsync(client, server, passage), PumpAsync(server, client, passage));
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Whatever ended one side ends the other.
        }
        finally
        {
            _open.TryRemove(passage, out _);
            passage.Reset();
        }
    }

    private async Task PumpAsync(Socket from, Socket to, Passage passage)
    {
        var buffer = new byte[Chunk];
        try
        {
            int read;
            while ((read = await from.ReceiveAsync(buffer, _stop.Token)) > 0)
            {
                if (passage.IsSwallowed)
                {
                    continue;
                }

                if (Volatile.Read(ref _delayMs) is > 0 and var delay)
                {
                    await Task.Delay(delay, _stop.Token);
                }

                for (var sent = 0; sent < read && !passage.IsSwallowed;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, read - sent), _stop.Token);
                }
            }

            if (!passage.IsSwallowed)
            {
                to.Shutdown(SocketShutdown.Send);
                return;
            }

            // The end of one side is a word too.
            await passage.Ended.WaitAsync(_stop.Token);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            if (passage.IsSwallowed && !_stop.IsCancellationRequested)
            {
                await passage.Ended.WaitAsync(_stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            else
            {
                passage.Reset();
            }
        }
    }

    /// <summary>One connection and the one behind the door that belongs to it.</summary>
    private sealed class Passage(Socket client, Socket server)
    {
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool IsSwallowed { get; private set; }

        public Task Ended => _ended.Task;

        public void Swallow() => IsSwallowed = true;

        public void Reset()
        {
            _ended.TrySetResult();
            // Closing with nothing to linger for sends a reset.
            foreach (var socket in new[] { client, server })
            {
                try
                {
                    socket.LingerState = new LingerOption(true, 0);
                }
                catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
                {
                    // It is closed already.
                }

                socket.Dispose();
            }
        }
    }
}
