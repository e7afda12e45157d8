using Orleans.Streams;

namespace Clinic.Streams;

/// <summary>
/// What a pulling agent holds of its queue while it delivers. It always has a next message for a reader: one that waits for a message which is gone by then goes on with the oldest
/// there is, and what it missed its outbox sends again. Orleans' own cache throws there, on every read of the queue from then on, and every host of the queue is deaf.
/// </summary>
internal sealed class HostQueueCache(int size) : IQueueCache
{
    private readonly List<HostQueueMessage> _held = [];
    private readonly List<Cursor> _cursors = [];
    private readonly List<IBatchContainer> _dropped = [];

    public int GetMaxAddCount() => size;

    /// <summary>Never: a host that takes nothing costs itself the oldest messages, not the others of its queue theirs.</summary>
    public bool IsUnderPressure() => false;

    /// <param name="messages">In the order of their sequences, and above all that were added before.</param>
    public void AddToCache(IList<IBatchContainer> messages)
    {
        _held.AddRange(messages.Cast<HostQueueMessage>());
        Drop(_held.Count - size);
    }

    /// <summary>Lets go, from the oldest on, what no reader still wants.</summary>
    public bool TryPurgeFromCache(out IList<IBatchContainer> purgedItems)
    {
        var done = _held.FindIndex(message => _cursors.Exists(cursor => cursor.Wants(message)));
        Drop(done < 0 ? _held.Count : done);
        purgedItems = [.. _dropped];
        _dropped.Clear();
        return purgedItems.Count > 0;
    }

    /// <param name="streamId">The stream of one host.</param>
    /// <param name="token">The first message that is wanted, or the oldest after it; null for the oldest there is.</param>
    public IQueueCacheCursor GetCacheCursor(StreamId streamId, StreamSequenceToken? token)
    {
        var cursor = new Cursor(this, streamId, token is null ? 0 : token.SequenceNumber - 1);
        _cursors.Add(cursor);
        return cursor;
    }

    private void Drop(int count)
    {
        if (count > 0)
        {
            foreach (var message in _held.Take(count))
            {
                message.SetDone();
                _dropped.Add(message);
            }

            _held.RemoveRange(0, count);
        }
    }

    /// <summary>Makes the cache of each queue.</summary>
    public sealed class Factory(int size) : IQueueAdapterCache
    {
        public IQueueCache CreateQueueCache(QueueId queueId) => new HostQueueCache(size);
    }

    private sealed class Cursor(HostQueueCache cache, StreamId stream, long after) : IQueueCacheCursor
    {
        private long _after = after;
        private HostQueueMessage? _current;

        /// <summary>Whether it is still to be delivered, or is being delivered now.</summary>
        public bool Wants(HostQueueMessage message) => message.StreamId == stream && (message.Sequence > _after || message == _current);

        public IBatchContainer? GetCurrent(out Exception? exception)
        {
            exception = null;
            return _current;
        }

        public bool MoveNext()
        {
            _current?.SetDone();
            _current = cache._held.Find(message => message.Sequence > _after && message.StreamId == stream);
            _after = _current?.Sequence ?? _after;
            return _current is not null;
        }

        public void Refresh(StreamSequenceToken token)
        {
            // It looks for the next one each time.
        }

        public void RecordDeliveryFailure()
        {
            // The outbox sends again what was not confirmed.
        }

        public void Dispose()
        {
            _current?.SetDone();
            cache._cursors.Remove(this);
        }
    }
}
