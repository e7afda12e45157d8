using Clinic.Topics;

namespace Clinic.Streams;

public sealed class HostLaneTests
{
    private readonly OutboxOptions _options = new() { Window = 2, MaxBatchItems = 3, MaxWaitingItems = 1000 };
    private readonly HostLane _lane;

    public HostLaneTests() => _lane = new HostLane("silo", _options, 1);

    [Fact]
    public void What_waits_while_the_window_is_full_goes_into_larger_batches()
    {
        Add(1);
        Assert.Single(_lane.TakeBatch()!.Items);
        Add(1);
        Assert.Single(_lane.TakeBatch()!.Items);
        Add(5);
        Assert.Null(_lane.TakeBatch());
        _lane.Confirm(_lane.Id, 1);
        Assert.Equal((3L, 3), (_lane.TakeBatch()!.Sequence, _options.MaxBatchItems));
    }

    [Fact]
    public void What_is_missing_is_sent_again_in_order()
    {
        Add(6);
        _lane.TakeBatch();
        _lane.TakeBatch();
        Assert.Equal([1L, 2L], _lane.Missing(_lane.Id, 0).Select(b => b.Sequence));
    }

    [Fact]
    public void A_request_that_was_overtaken_by_a_confirmation_changes_nothing()
    {
        Add(6);
        _lane.TakeBatch();
        _lane.TakeBatch();
        _lane.Confirm(_lane.Id, 2);
        var id = _lane.Id;
        Assert.Empty(_lane.Missing(id, 0));
        Assert.Equal(id, _lane.Id);
    }

    [Fact]
    public void A_lane_that_is_full_starts_anew_under_a_later_id()
    {
        var id = _lane.Id;
        Add(_options.MaxWaitingItems);
        Assert.False(_lane.Add(Item()));
        Assert.True(string.CompareOrdinal(_lane.Id, id) > 0);
        Assert.Equal((0, 0L), (_lane.Waiting, _lane.LastSequence));
    }

    private void Add(int items)
    {
        for (var i = 0; i < items; i++)
        {
            Assert.True(_lane.Add(Item()));
        }
    }

    private static ReattachItem Item() => new(TopicId.ForTenant("t"));
}
