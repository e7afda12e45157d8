using System.Buffers.Text;
using System.Diagnostics;
using Clinic.Load.Events;

namespace Clinic.Peers.Wire;

/// <summary>
/// Counts the events and signals in what clients receive by the due time that the generator wrote into each, wherever a peer's protocol
/// puts it. One scan for all peers.
/// </summary>
internal sealed class EventMeter
{
    private DeliveryLog _log = new(0);

    /// <summary>Takes the deliveries from now on; those of another span's events are not counted.</summary>
    public void Use(DeliveryLog log) => Volatile.Write(ref _log, log);

    public void Read(ReadOnlySpan<byte> message)
    {
        var now = MonotonicClock.Now;
        var log = Volatile.Read(ref _log);
        for (int at; (at = message.IndexOf("\"due\":"u8)) >= 0;)
        {
            message = message[(at + 6)..];
            if (Utf8Parser.TryParse(message, out long microseconds, out _))
            {
                log.Delivered(new Arrival(0, microseconds * (Stopwatch.Frequency / 1_000_000), 0, log.Run), now);
            }
        }
    }
}
