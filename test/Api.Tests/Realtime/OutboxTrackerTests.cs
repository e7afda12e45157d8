using Clinic.Streams;
using Clinic.Topics;

namespace Clinic.Realtime;

public sealed class OutboxTrackerTests
{
    private readonly OutboxTracker _tracker = new();

    [Fact]
    public void Each_batch_is_taken_once_in_order_and_a_hole_is_asked_for()
    {
        Assert.Equal(OutboxVerdict.Take, Judge("01", 1));
        Assert.Equal(OutboxVerdict.Drop, Judge("01", 1));
        Assert.Equal(OutboxVerdict.AskAgain, Judge("01", 3));
        Assert.Equal(OutboxVerdict.Take, Judge("01", 2));
        Assert.Equal(OutboxVerdict.Take, Judge("01", 3));
        Assert.Equal(3, _tracker.Sequence);
    }

    [Fact]
    public void A_beat_shows_what_is_missing_and_changes_nothing()
    {
        Judge("01", 1);
        Assert.Equal(OutboxVerdict.Drop, Beat("01", 1));
        Assert.Equal(OutboxVerdict.AskAgain, Beat("01", 2));
        Assert.Equal(1, _tracker.Sequence);
    }

    [Fact]
    public void A_later_outbox_is_followed_from_its_start_and_the_former_one_no_more()
    {
        Assert.True(IsNew("01", 1));
        Assert.False(IsNew("01", 2));
        Assert.True(IsNew("02", 1));
        Assert.Equal(OutboxVerdict.Drop, Judge("01", 3));
        Assert.Equal(OutboxVerdict.Take, Judge("02", 2));
    }

    [Fact]
    public void An_outbox_that_is_heard_of_in_its_middle_is_asked_for_its_start()
    {
        Assert.Equal(OutboxVerdict.AskAgain, Judge("01", 5));
        Assert.Equal(0, _tracker.Sequence);
        Assert.Equal(OutboxVerdict.Take, Judge("01", 1));
    }

    private OutboxVerdict Judge(string outbox, long sequence) =>
        _tracker.Judge(new HostBatch(outbox, "silo", sequence, [new ReattachItem(TopicId.ForTenant("t"))]), out _);

    private OutboxVerdict Beat(string outbox, long sequence) => _tracker.Judge(new HostBatch(outbox, "silo", sequence, []), out _);

    private bool IsNew(string outbox, long sequence)
    {
        _tracker.Judge(new HostBatch(outbox, "silo", sequence, [new ReattachItem(TopicId.ForTenant("t"))]), out var isNew);
        return isNew;
    }
}
