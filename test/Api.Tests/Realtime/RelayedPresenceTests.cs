using Clinic.Presence;

namespace Clinic.Realtime;

public sealed class RelayedPresenceTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly RelayedPresence _copy = new();

    [Fact]
    public void Diffs_that_follow_are_told_and_repeats_are_not()
    {
        Snapshot("g1", 3, true, "ann");
        Assert.Equal(["ben"], Diff("g1", 4, joins: ["ben"])!.Joins.Select(e => e.User));
        Assert.Null(Diff("g1", 4, joins: ["ben"]));
        Assert.Equal(["ann"], Diff("g1", 5, leaves: ["ann"])!.Leaves);
        Assert.Equal(3, _copy.Version);
    }

    [Fact]
    public void A_diff_that_does_not_follow_needs_a_snapshot()
    {
        Snapshot("g1", 3, true, "ann");
        Assert.False(_copy.Apply(new PresenceDiff("g1", 5, [], [], []), Now, out _));
        Assert.False(_copy.Apply(new PresenceDiff("g2", 4, [], [], []), Now, out _));
    }

    [Fact]
    public void A_grain_that_comes_up_anew_with_the_same_people_does_not_show()
    {
        Snapshot("g1", 9, true, "ann", "ben");
        var (epoch, version) = (_copy.Epoch, _copy.Version);
        Assert.Null(Snapshot("g2", 0, true, "ben", "ann"));
        Assert.Equal((epoch, version), (_copy.Epoch, _copy.Version));
    }

    [Fact]
    public void What_is_not_complete_takes_nobody_away_and_what_is_does()
    {
        Snapshot("g1", 9, true, "ann", "ben");
        Assert.Equal(["cid"], Snapshot("g2", 0, false, "cid")!.Joins.Select(e => e.User));
        Assert.Equal(3, _copy.Entries.Count);
        Assert.Equal(["ann", "ben"], Snapshot("g2", 1, true, "cid")!.Leaves.Order());
    }

    [Fact]
    public void A_snapshot_that_is_older_than_the_diffs_since_changes_nothing()
    {
        Snapshot("g1", 3, true, "ann");
        Diff("g1", 4, joins: ["ben"]);
        Assert.Null(Snapshot("g1", 3, true, "ann"));
        Assert.True(_copy.Has("ben"));
    }

    [Fact]
    public void Who_was_announced_to_leave_is_taken_away_also_when_the_grain_is_not_heard_any_more()
    {
        Snapshot("g1", 1, true, "ann");
        Update("g1", 2, Leaving("ann", 3));
        Assert.Null(_copy.Expire(Now.AddSeconds(3)));
        Assert.Equal(["ann"], _copy.Expire(Now.AddSeconds(4.5))!.Leaves);
        Assert.Null(_copy.Expire(Now.AddSeconds(5)));
    }

    [Fact]
    public void Attaching_again_does_not_put_the_leaving_off()
    {
        Snapshot("g1", 1, true, "ann");
        Update("g1", 2, Leaving("ann", 3));
        _copy.Apply(new PresenceSnapshot("g1", 2, true, [Leaving("ann", 3)]), Now.AddSeconds(4));
        Assert.NotNull(_copy.Expire(Now.AddSeconds(4.5)));
    }

    [Fact]
    public void A_silo_that_hung_does_not_bring_back_who_was_taken_away()
    {
        Snapshot("g1", 1, true, "ann");
        Update("g1", 2, Leaving("ann", 3));
        _copy.Expire(Now.AddSeconds(5));
        Assert.True(_copy.Apply(new PresenceDiff("g1", 3, [], [Leaving("ann", 0)], []), Now.AddSeconds(10), out var visible));
        Assert.Null(visible);
        Assert.Null(_copy.Apply(new PresenceSnapshot("g2", 1, true, [Leaving("ann", 0)]), Now.AddSeconds(10)));
        Assert.False(_copy.Has("ann"));
        Assert.Equal(["ann"], Diff("g2", 2, joins: ["ann"])!.Joins.Select(e => e.User));
    }

    [Fact]
    public void A_host_that_comes_to_a_topic_sees_who_is_reconnecting()
    {
        _copy.Apply(new PresenceSnapshot("g1", 1, true, [Leaving("ann", 3)]), Now);
        Assert.True(_copy.Has("ann"));
    }

    [Fact]
    public void Who_comes_back_in_time_stays()
    {
        Snapshot("g1", 1, true, "ann");
        Update("g1", 2, Leaving("ann", 3));
        Update("g1", 3, Entry("ann"));
        Assert.Null(_copy.Expire(Now.AddSeconds(60)));
        Assert.True(_copy.Has("ann"));
    }

    private PresenceDiff? Snapshot(string epoch, long version, bool complete, params string[] users) =>
        _copy.Apply(new PresenceSnapshot(epoch, version, complete, [.. users.Select(Entry)]), Now);

    private PresenceDiff? Diff(string epoch, long version, string[]? joins = null, string[]? leaves = null)
    {
        Assert.True(_copy.Apply(new PresenceDiff(epoch, version, [.. (joins ?? []).Select(Entry)], [], leaves ?? []), Now, out var visible));
        return visible;
    }

    private void Update(string epoch, long version, PresenceEntry entry) =>
        Assert.True(_copy.Apply(new PresenceDiff(epoch, version, [], [entry], []), Now, out _));

    private static PresenceEntry Entry(string user) => new(user, user, "nurse", PresenceStatus.Active, 1, Now, null, false, []);

    private static PresenceEntry Leaving(string user, double seconds) =>
        Entry(user) with { Status = PresenceStatus.Reconnecting, Connections = 0, LeavesIn = TimeSpan.FromSeconds(seconds) };
}
