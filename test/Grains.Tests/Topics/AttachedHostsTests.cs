namespace Clinic.Topics;

public sealed class AttachedHostsTests
{
    private readonly AttachedHosts _hosts = new();

    [Fact]
    public void What_was_overtaken_on_the_way_does_not_count()
    {
        Assert.True(_hosts.Attach("a", 1, 3));
        Assert.True(_hosts.Detach("a", 3));
        Assert.False(_hosts.Attach("a", 2, 5));
        Assert.False(_hosts.Any);
        Assert.True(_hosts.Attach("a", 4, 5));
        Assert.False(_hosts.Detach("a", 3));
        Assert.Equal(["a"], _hosts.Names);
    }

    [Fact]
    public void A_report_of_a_host_that_is_not_attached_is_refused()
    {
        Assert.False(_hosts.Report("a", 1, 1, out _));
        _hosts.Attach("a", 2, 1);
        _hosts.Detach("a", 3);
        Assert.False(_hosts.Report("a", 4, 1, out _));
    }

    [Fact]
    public void A_report_that_was_overtaken_is_known_but_not_the_newest()
    {
        _hosts.Attach("a", 1, 1);
        Assert.True(_hosts.Report("a", 3, 7, out var newest) && newest);
        Assert.True(_hosts.Report("a", 2, 4, out var late) && !late);
        Assert.Equal(7, _hosts.Receivers);
    }

    [Fact]
    public void Receivers_are_those_of_attached_hosts()
    {
        _hosts.Attach("a", 1, 3);
        _hosts.Attach("b", 1, 4);
        Assert.Equal(7, _hosts.Receivers);
        _hosts.Detach("a", 2);
        Assert.Equal(4, _hosts.Receivers);
    }

    [Fact]
    public void A_host_that_was_lost_may_come_back_and_counts_anew()
    {
        _hosts.Attach("a", 9, 3);
        Assert.True(_hosts.Lose("a"));
        Assert.False(_hosts.Lose("a"));
        Assert.False(_hosts.Report("a", 10, 1, out _));
        Assert.True(_hosts.Attach("a", 11, 1));
    }
}
