using System.Threading.Channels;
using Clinic.Topics;

namespace Clinic.Records;

/// <summary>
/// The bounded set of topics whose pending events should be taken into their logs. A topic waits once however often it is added, and is
/// never handed out twice at a time; added while it is being drained it comes up once more, because that drain may have looked too early.
/// </summary>
internal sealed class PendingTopics(int capacity)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<TopicId, Phase> _topics = [];
    // Holds each waiting topic once, so it never has more than the dictionary.
    private readonly Channel<TopicId> _waiting = Channel.CreateBounded<TopicId>(capacity);

    /// <summary>Topics waiting or being drained.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _topics.Count;
            }
        }
    }

    /// <summary>Adds a topic.</summary>
    /// <returns>False when there is no room for it.</returns>
    public bool TryAdd(TopicId topic)
    {
        lock (_lock)
        {
            if (_topics.TryGetValue(topic, out var phase))
            {
                _topics[topic] = phase == Phase.Waiting ? Phase.Waiting : Phase.DrainingAgain;
                return true;
            }

            if (_topics.Count >= capacity)
            {
                return false;
            }

            _topics.Add(topic, Phase.Waiting);
            return _waiting.Writer.TryWrite(topic);
        }
    }

    /// <summary>Hands out the topic that waits longest, as soon as there is one; <see cref="Done"/> has to follow.</summary>
    public async ValueTask<TopicId> TakeAsync(CancellationToken cancellation)
    {
        var topic = await _waiting.Reader.ReadAsync(cancellation);
        lock (_lock)
        {
            _topics[topic] = Phase.Draining;
        }

        return topic;
    }

    /// <summary>The topic was drained, or it failed.</summary>
    public void Done(TopicId topic)
    {
        lock (_lock)
        {
            if (_topics[topic] == Phase.DrainingAgain)
            {
                _topics[topic] = Phase.Waiting;
                _waiting.Writer.TryWrite(topic);
            }
            else
            {
                _topics.Remove(topic);
            }
        }
    }

    private enum Phase
    {
        Waiting,
        Draining,
        DrainingAgain,
    }
}
