using Clinic.Topics;
using Microsoft.Extensions.Time.Testing;
using Orleans.Streams;

namespace Clinic.Streams;

public sealed class HostQueueTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(1);
    private readonly FakeTimeProvider _time = new();
    private readonly HostQueue _queue;
    private readonly HostQueueReceiver _receiver;
    private int _sent;

    public HostQueueTests()
    {
        _queue = new HostQueue(_time);
        _receiver = new HostQueueReceiver(_queue);
    }

    [Fact]
    public async Task What_is_read_comes_once_in_order_numbered_and_at_most_the_limit()
    {
        Send(3);
        var first = await _receiver.GetQueueMessagesAsync(2);
        Assert.Equal([1L, 2], Batches(first));
        var second = await _receiver.GetQueueMessagesAsync(2);
        Assert.Equal([3L], Batches(second));
        Assert.Equal([1L, 2, 3], first.Concat(second).Select(message => message.SequenceToken.SequenceNumber));
    }

    [Fact]
    public async Task A_read_waits_for_the_first_message()
    {
        var read = _receiver.GetQueueMessagesAsync(10);
        Assert.False(read.IsCompleted);
        Send(1);
        Assert.Equal([1L], Batches(await read.WaitAsync(Limit)));
    }

    [Fact]
    public async Task A_read_of_a_quiet_queue_answers_with_nothing_when_its_wait_is_over_and_what_comes_then_goes_to_the_next()
    {
        var read = _receiver.GetQueueMessagesAsync(10);
        _time.Advance(Wait);
        Assert.Empty(await read.WaitAsync(Limit));
        Send(1);
        Assert.Equal([1L], Batches(await _receiver.GetQueueMessagesAsync(10).WaitAsync(Limit)));
    }

    [Fact]
    public async Task A_cancelled_read_answers_with_nothing_and_what_comes_then_goes_to_the_next()
    {
        using var stop = new CancellationTokenSource();
        var read = _receiver.GetQueueMessagesAsync(10, stop.Token);
        await stop.CancelAsync();
        Assert.Empty(await read.WaitAsync(Limit));
        Send(1);
        Assert.Equal([1L], Batches(await _receiver.GetQueueMessagesAsync(10).WaitAsync(Limit)));
    }

    [Fact]
    public async Task A_batch_counts_as_sent_when_its_agent_is_through_with_it_and_not_before()
    {
        var sent = _queue.AddAsync(HostStreams.For("host"), NextBatch());
        var message = (HostQueueMessage)(await _receiver.GetQueueMessagesAsync(10)).Single();
        Assert.False(sent.IsCompleted);
        message.SetDone();
        await sent.WaitAsync(Limit);
    }

    private static IEnumerable<long> Batches(IEnumerable<IBatchContainer> messages) => messages.Select(m => ((HostQueueMessage)m).Batch.Sequence);

    private HostBatch NextBatch() => new("0001", "silo", ++_sent, [new ReattachItem(TopicId.ForTenant("t"))]);

    private void Send(int count)
    {
        for (var i = 0; i < count; i++)
        {
            _ = _queue.AddAsync(HostStreams.For("host"), NextBatch());
        }
    }
}
