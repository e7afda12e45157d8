using System.Text;

namespace Clinic.Load.Clients;

/// <summary>Counts events of topics that their receiver never subscribed to: none is the only good number.</summary>
internal sealed class StrayEvents
{
    private long _count;

    public long Count => Interlocked.Read(ref _count);

    public string? FirstTopic { get; private set; }

    public void Add(ReadOnlySpan<byte> topic)
    {
        if (Interlocked.Increment(ref _count) == 1)
        {
            FirstTopic = Encoding.UTF8.GetString(topic);
        }
    }
}
