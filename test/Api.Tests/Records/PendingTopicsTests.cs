using Clinic.Topics;

namespace Clinic.Records;

public sealed class PendingTopicsTests
{
    private static readonly TopicId A = TopicId.ForTenant("a");
    private static readonly TopicId B = TopicId.ForTenant("b");
    private static readonly TopicId C = TopicId.ForTenant("c");

    private readonly PendingTopics _topics = new(2);

    [Fact]
    public async Task A_topic_waits_once_and_comes_in_its_turn()
    {
        Assert.True(_topics.TryAdd(A));
        Assert.True(_topics.TryAdd(B));
        Assert.True(_topics.TryAdd(A));

        Assert.Equal(A, await _topics.TakeAsync(CancellationToken.None));
        Assert.Equal(B, await _topics.TakeAsync(CancellationToken.None));
        Assert.False(_topics.TakeAsync(CancellationToken.None).AsTask().IsCompleted);
    }

    [Fact]
    public async Task A_topic_added_while_it_is_drained_comes_once_more_and_not_before()
    {
        _topics.TryAdd(A);
        await _topics.TakeAsync(CancellationToken.None);
        _topics.TryAdd(A);
        _topics.TryAdd(A);

        var next = _topics.TakeAsync(CancellationToken.None).AsTask();
        Assert.False(next.IsCompleted);
        _topics.Done(A);
        Assert.Equal(A, await next);
        _topics.Done(A);
        Assert.Equal(0, _topics.Count);
    }

    [Fact]
    public async Task There_is_no_room_beyond_the_capacity_until_one_is_done()
    {
        _topics.TryAdd(A);
        _topics.TryAdd(B);
        Assert.False(_topics.TryAdd(C));
        Assert.True(_topics.TryAdd(A));

        _topics.Done(await _topics.TakeAsync(CancellationToken.None));
        Assert.True(_topics.TryAdd(C));
        Assert.Equal(2, _topics.Count);
    }
}
