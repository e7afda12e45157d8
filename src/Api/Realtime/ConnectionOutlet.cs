using Microsoft.AspNetCore.SignalR;

namespace Clinic.Realtime;

/// <summary>
/// Writes to one connection, in order. A message for a connection that keeps up is written at once; for one that does not, a bounded number waits, and then the
/// connection is cut off: it costs itself and nobody else.
/// </summary>
internal sealed class ConnectionOutlet(
    Func<SerializedHubMessage, ValueTask> writeMessage, Action abort, RelayOptions options, RelayMetrics metrics)
{
    private readonly Queue<(SerializedHubMessage Message, int Size)> _waiting = new();
    private readonly Lock _lock = new();
    private int _waitingBytes;
    private bool _writing;
    private bool _cutOff;
    private bool _ended;

    /// <summary>Sends a message; returns at once.</summary>
    /// <param name="message">Serialized once a protocol, however many connections get it.</param>
    /// <param name="size">Roughly how many bytes it is.</param>
    public void Send(SerializedHubMessage message, int size)
    {
        lock (_lock)
        {
            if (_cutOff || _ended)
            {
                return;
            }

            if (_writing)
            {
                _waiting.Enqueue((message, size));
                _waitingBytes += size;
                if (_waiting.Count > options.MaxWaitingMessages || _waitingBytes > options.MaxWaitingBytes)
                {
                    CutOff();
                }

                return;
            }

            _writing = true;
        }

        ValueTask write;
        try
        {
            write = writeMessage(message);
        }
        catch (Exception e)
        {
            // Whoever sends goes on with the other connections.
            write = ValueTask.FromException(e);
        }

        if (!write.IsCompletedSuccessfully)
        {
            _ = DrainAsync(write);
            return;
        }

        lock (_lock)
        {
            if (_waiting.Count == 0 && !_ended)
            {
                _writing = false;
                return;
            }
        }

        // Something waits, or the connection was ended during the write.
        _ = DrainAsync(ValueTask.CompletedTask);
    }

    /// <summary>Ends the connection once everything that waits is written; nothing is taken after this.</summary>
    public void End()
    {
        lock (_lock)
        {
            _ended = true;
            if (_writing)
            {
                return;
            }
        }

        abort();
    }

    private void AbortIfEnded()
    {
        lock (_lock)
        {
            if (!_ended)
            {
                return;
            }
        }

        abort();
    }

    private async Task DrainAsync(ValueTask write)
    {
        try
        {
            await write;
            while (true)
            {
                SerializedHubMessage message;
                lock (_lock)
                {
                    if (!_waiting.TryDequeue(out var next))
                    {
                        _writing = false;
                        break;
                    }

                    message = next.Message;
                    _waitingBytes -= next.Size;
                }

                await writeMessage(message);
            }

            AbortIfEnded();
        }
        catch (Exception)
        {
            // The connection is on its way out; its hub's OnDisconnectedAsync tells the rest.
            lock (_lock)
            {
                _cutOff = true;
                _waiting.Clear();
            }

            abort();
        }
    }

    private void CutOff()
    {
        _cutOff = true;
        _waiting.Clear();
        metrics.CutOff();
        abort();
    }
}
