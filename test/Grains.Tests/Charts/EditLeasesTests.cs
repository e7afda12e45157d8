using Clinic.Topics;

namespace Clinic.Charts;

public sealed class EditLeasesTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TopicId Patient = TopicId.ForPatient("north", "p");
    private static readonly Editor Ann = new("c1", "ann", "Ann");
    private static readonly Editor AnnAgain = new("c2", "ann", "Ann");
    private static readonly Editor Ben = new("c3", "ben", "Ben");
    private readonly EditLeases _edits = new();
    private readonly HashSet<string> _live = ["c1", "c2", "c3"];

    [Fact]
    public void One_section_has_one_editor()
    {
        Assert.True(MayBegin(Ann));
        Take(Ann);
        Assert.False(MayBegin(Ben));
        Assert.False(MayBegin(AnnAgain));
        Assert.True(MayBegin(Ann));
        Assert.True(_edits.MayBegin(Ben, "allergies", _live.Contains));
    }

    [Fact]
    public void Who_lost_the_connection_goes_on_over_another_with_the_same_lease()
    {
        var first = Take(Ann);
        _live.Remove("c1");
        Assert.True(MayBegin(AnnAgain));
        Assert.False(MayBegin(Ben));
        var next = _edits.Next(Patient, AnnAgain, "vitals", keepLease: true, Now);
        Assert.Equal((first.Lease, first.Since, "c2"), (next.Lease, next.Since, next.Connection));
        Assert.True(next.Fence > first.Fence);
    }

    [Fact]
    public void Nobody_inherits_the_lease_of_another_user()
    {
        var first = Take(Ann);
        Assert.NotEqual(first.Lease, _edits.Next(Patient, Ben, "vitals", keepLease: true, Now).Lease);
    }

    [Fact]
    public void Each_holder_has_a_higher_fence_also_after_an_end_and_a_restart()
    {
        var first = Take(Ann);
        _edits.End("vitals");
        var second = Take(Ben);
        Assert.True(second.Fence > first.Fence);
        _edits.End("vitals");
        _edits.Load([], new Dictionary<string, long> { ["vitals"] = second.Fence }, Now);
        Assert.True(Take(Ann).Fence > second.Fence);
    }

    [Fact]
    public void An_edit_that_nobody_renews_expires_and_a_renewal_puts_it_off()
    {
        Take(Ann);
        var hour = TimeSpan.FromHours(1);
        Assert.False(_edits.IsExpired("vitals", Now + hour, hour));
        Assert.True(_edits.IsExpired("vitals", Now + hour + TimeSpan.FromSeconds(1), hour));
        _edits.Renew("vitals", Now + hour);
        Assert.False(_edits.IsExpired("vitals", Now + (2 * hour), hour));
    }

    [Fact]
    public void What_is_loaded_is_held_and_has_its_whole_time_again()
    {
        var stored = Take(Ann);
        var other = new EditLeases();
        other.Load([stored], new Dictionary<string, long> { ["vitals"] = stored.Fence }, Now.AddHours(5));
        Assert.Equal(stored, other.HolderOf("vitals"));
        Assert.False(other.IsExpired("vitals", Now.AddHours(5), TimeSpan.FromHours(1)));
        Assert.Equal(["vitals"], other.SectionsOf("ann"));
        Assert.Empty(other.SectionsOf("ben"));
    }

    private bool MayBegin(Editor editor) => _edits.MayBegin(editor, "vitals", _live.Contains);

    private StoredEdit Take(Editor editor)
    {
        var edit = _edits.Next(Patient, editor, "vitals", keepLease: false, Now);
        _edits.Take(edit, Now);
        return edit;
    }
}
