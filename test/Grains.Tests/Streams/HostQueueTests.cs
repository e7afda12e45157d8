using Clinic.Topics;
using Microsoft.Extensions.Time.Testing;
using Orleans.Streams;

namespace Clinic.Streams;

public sealed class HostQueueTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(2);
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly HostQueueGrain _queue;
    private int _sent;

    public HostQueueTests() => _queue = New(_time);

    [Fact]
    public async Task What_is_read_comes_after_the_offset_in_order_and_at_most_the_limit()
    {
        await SendAsync(5);
        var first = await _queue.ReadAsync(0, 0, 2, Wait, null);
        Assert.Equal([1L, 2], Batches(first));
        Assert.Equal([3L, 4, 5], Batches(await _queue.ReadAsync(first[^1].Sequence, 0, 100, Wait, null)));
        Assert.Equal([1L, 2], Batches(await _queue.ReadAsync(0, 0, 2, Wait, null)));
    }

    [Fact]
    public async Task A_read_waits_for_the_first_message()
    {
        var read = _queue.ReadAsync(0, 0, 10, Wait, null);
        Assert.False(read.IsCompleted);
        await SendAsync(1);
        Assert.Equal([1L], Batches(await read.WaitAsync(Limit)));
    }

    [Fact]
    public async Task A_read_of_a_quiet_queue_answers_with_nothing_when_its_wait_is_over()
    {
        await SendAsync(1);
        var known = (await _queue.ReadAsync(0, 0, 10, Wait, null))[^1].Sequence;
        var read = _queue.ReadAsync(known, 0, 10, Wait, null);
        _time.Advance(Wait);
        Assert.Empty(await read.WaitAsync(Limit));
    }

    [Fact]
    public async Task What_was_trimmed_is_not_read_again_and_the_rest_stays()
    {
        await SendAsync(5);
        var all = await _queue.ReadAsync(0, 0, 100, Wait, null);
        Assert.Equal([4L, 5], Batches(await _queue.ReadAsync(0, all[2].Sequence, 100, Wait, null)));
        Assert.Equal([4L, 5], Batches(await _queue.ReadAsync(0, 0, 100, Wait, null)));
    }

    [Fact]
    public async Task A_hand_off_to_another_receiver_loses_nothing_that_was_not_delivered()
    {
        await SendAsync(4);
        var first = new HostQueueReceiver(_queue, null);
        var read = await first.GetQueueMessagesAsync(3);
        await first.MessagesDeliveredAsync([.. read.Take(1)]);
        await first.GetQueueMessagesAsync(1);

        // The first has read four, and delivered one of them, when its silo is gone.
        var second = new HostQueueReceiver(_queue, null);
        await SendAsync(1);
        Assert.Equal([2L, 3, 4, 5], Batches(await second.GetQueueMessagesAsync(100)));

        // A late word of the first about what it had read takes nothing away that the second has not read yet.
        await first.MessagesDeliveredAsync(read);
        await SendAsync(1);
        await first.GetQueueMessagesAsync(1);
        Assert.Equal([6L], Batches(await second.GetQueueMessagesAsync(100)));
    }

    [Fact]
    public async Task A_receiver_reads_each_message_once()
    {
        var receiver = new HostQueueReceiver(_queue, null);
        await SendAsync(3);
        Assert.Equal([1L, 2], Batches(await receiver.GetQueueMessagesAsync(2)));
        Assert.Equal([3L], Batches(await receiver.GetQueueMessagesAsync(2)));
        var waiting = receiver.GetQueueMessagesAsync(2);
        Assert.False(waiting.IsCompleted);
        await SendAsync(1);
        Assert.Equal([4L], Batches(await waiting.WaitAsync(Limit)));
    }

    [Fact]
    public async Task A_cancelled_read_answers_with_nothing_and_what_comes_then_goes_to_the_next_one()
    {
        var receiver = new HostQueueReceiver(_queue, null);
        using var stop = new CancellationTokenSource();
        var read = receiver.GetQueueMessagesAsync(10, stop.Token);
        await stop.CancelAsync();
        Assert.Empty(await read.WaitAsync(Limit));
        await SendAsync(1);
        Assert.Equal([1L], Batches(await receiver.GetQueueMessagesAsync(10)));
    }

    [Fact]
    public async Task A_queue_that_came_up_anew_goes_on_above_what_its_readers_have_seen()
    {
        var receiver = new HostQueueReceiver(new Moving(() => _queue), null);
        await SendAsync(3);
        await receiver.GetQueueMessagesAsync(10);
        _time.Advance(TimeSpan.FromSeconds(1));
        var next = New(_time);
        await SendAsync(1, next);
        Assert.Equal([4L], Batches(await new HostQueueReceiver(next, null).GetQueueMessagesAsync(10)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_queue_whose_new_silo_has_a_clock_that_is_behind_is_read_all_the_same(bool sentBeforeTheRead)
    {
        var queue = _queue;
        var receiver = new HostQueueReceiver(new Moving(() => queue), null);
        await SendAsync(3);
        await receiver.MessagesDeliveredAsync(await receiver.GetQueueMessagesAsync(10));
        queue = New(new FakeTimeProvider(_time.GetUtcNow() - TimeSpan.FromSeconds(5)));
        if (sentBeforeTheRead)
        {
            await SendAsync(2, queue);
            Assert.Equal([4L, 5], Batches(await receiver.GetQueueMessagesAsync(10).WaitAsync(Limit)));
        }
        else
        {
            var read = receiver.GetQueueMessagesAsync(10);
            await SendAsync(1, queue);
            Assert.Equal([4L], Batches(await read.WaitAsync(Limit)));
        }
    }

    [Fact]
    public async Task A_full_queue_drops_its_oldest_messages()
    {
        await SendAsync(10_050);
        Assert.Equal([51L], Batches(await _queue.ReadAsync(0, 0, 1, Wait, null)));
    }

    private async Task SendAsync(int count, HostQueueGrain? queue = null)
    {
        for (var i = 0; i < count; i++)
        {
            await (queue ?? _queue).EnqueueAsync(new HostQueueMessage(HostStreams.For("host"), new HostBatch("0001", "silo", ++_sent, [new ReattachItem(TopicId.ForTenant("t"))]), 0));
        }
    }

    /// <summary>A queue on no silo: it is never asked to move here.</summary>
    private static HostQueueGrain New(TimeProvider time) => new(time, null!);

    private static IEnumerable<long> Batches(IEnumerable<IBatchContainer> messages) => messages.Select(m => ((HostQueueMessage)m).Batch.Sequence);

    /// <summary>The queue as its receiver calls it: wherever it is by then.</summary>
    private sealed class Moving(Func<HostQueueGrain> now) : IHostQueueGrain
    {
        public Task EnqueueAsync(HostQueueMessage message) => now().EnqueueAsync(message);

        public Task<HostQueueMessage[]> ReadAsync(long afterSequence, long delivered, int limit, TimeSpan wait, SiloAddress? reader) =>
            now().ReadAsync(afterSequence, delivered, limit, wait, reader);
    }
}
