using Orleans.Providers.Streams.Common;
using Orleans.Streams;

namespace Clinic.Streams;

public sealed class HostQueueCacheTests
{
    private static readonly StreamId One = HostStreams.For("host-one");
    private static readonly StreamId Other = HostStreams.For("host-other");
    private readonly HostQueueCache _cache = new(4);

    [Fact]
    public void A_reader_gets_the_messages_of_its_stream_in_order_from_its_token_on()
    {
        Add(One, 10);
        Add(Other, 11);
        Add(One, 12);
        Assert.Equal([10, 12], Rest(CursorAt(One, 10)));
        Assert.Equal([12], Rest(CursorAt(One, 11)));
        Assert.Equal([10, 12], Rest(CursorAt(One, null)));
    }

    [Fact]
    public void A_reader_that_came_to_the_end_gets_what_comes_after()
    {
        Add(One, 10);
        using var cursor = CursorAt(One, null);
        Assert.Equal([10], Rest(cursor));
        Add(One, 11);
        cursor.Refresh(Token(11));
        Assert.Equal([11], Rest(cursor));
    }

    [Fact]
    public void A_reader_whose_message_went_while_it_subscribed_goes_on_with_the_next_and_the_queue_with_it()
    {
        Add(One, 10);
        Assert.True(_cache.TryPurgeFromCache(out _));
        using var cursor = CursorAt(One, 10);
        Add(One, 11);
        cursor.Refresh(Token(11));
        Assert.Equal([11], Rest(cursor));
    }

    [Fact]
    public void What_a_reader_still_wants_or_is_being_given_stays_and_holds_back_what_is_behind_it()
    {
        Add(One, 10);
        Add(Other, 11);
        using var cursor = CursorAt(One, 10);
        Assert.False(_cache.TryPurgeFromCache(out _));
        Assert.True(Moves(cursor));
        Assert.False(_cache.TryPurgeFromCache(out _));
        Assert.False(Moves(cursor));
        Assert.Equal([10, 11], Purge());
        Assert.Empty(Purge());
    }

    [Fact]
    public void A_reader_that_is_gone_holds_nothing()
    {
        Add(One, 10);
        CursorAt(One, 10).Dispose();
        Assert.Equal([10], Purge());
    }

    [Fact]
    public void A_host_that_takes_nothing_costs_itself_the_oldest_messages_and_never_the_others_theirs()
    {
        using var stuck = CursorAt(One, null);
        using var lively = CursorAt(Other, null);
        for (var sequence = 1; sequence <= 20; sequence += 2)
        {
            Add(One, sequence);
            Add(Other, sequence + 1);
            Assert.False(_cache.IsUnderPressure());
            Assert.Equal([sequence + 1], Rest(lively));
        }

        Assert.Equal([17, 19], Rest(stuck));
    }

    [Fact]
    public void A_message_is_done_when_its_reader_moves_on_or_leaves_or_nobody_wants_it_or_it_is_dropped()
    {
        var messages = Enumerable.Range(1, 4).Select(sequence => MessageFor(sequence < 4 ? One : Other, sequence)).ToArray();
        _cache.AddToCache([.. messages]);
        var cursor = CursorAt(One, 1);
        Assert.True(Moves(cursor));
        Assert.DoesNotContain(messages, message => message.Done.IsCompleted);
        Assert.True(Moves(cursor));
        Assert.Equal([1], Done());
        cursor.Dispose();
        Assert.Equal([1, 2], Done());
        Purge();
        Assert.Equal([1, 2, 3, 4], Done());

        var oldest = MessageFor(One, 5);
        _cache.AddToCache([oldest]);
        using var stuck = CursorAt(One, 5);
        for (var sequence = 6; sequence <= 9; sequence++)
        {
            Assert.False(oldest.Done.IsCompleted);
            Add(One, sequence);
        }

        Assert.True(oldest.Done.IsCompleted);

        IEnumerable<long> Done() => messages.Where(message => message.Done.IsCompleted).Select(message => message.Sequence);
    }

    private static EventSequenceTokenV2 Token(long sequence) => new EventSequenceTokenV2(sequence);

    private static bool Moves(IQueueCacheCursor cursor) => cursor.MoveNextWithResult().Kind == QueueCacheCursorMoveResultKind.Success;

    private static long[] Rest(IQueueCacheCursor cursor)
    {
        List<long> rest = [];
        while (Moves(cursor))
        {
            rest.Add(((HostQueueMessage)cursor.GetCurrent(out _)!).Sequence);
        }

        return [.. rest];
    }

    private void Add(StreamId stream, long sequence) =>
        _cache.AddToCache([MessageFor(stream, sequence)]);

    private static HostQueueMessage MessageFor(StreamId stream, long sequence) => new(stream, new HostBatch("silo", "outbox", sequence, [])) { Sequence = sequence };

    private IQueueCacheCursor CursorAt(StreamId stream, long? sequence) => _cache.GetCacheCursor(stream, sequence is { } s ? Token(s) : null);

    private long[] Purge() => _cache.TryPurgeFromCache(out var purged) ? [.. purged.Cast<HostQueueMessage>().Select(message => message.Sequence)] : [];
}
