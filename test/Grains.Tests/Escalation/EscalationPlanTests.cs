using Clinic.Presence;

namespace Clinic.Escalation;

public sealed class EscalationPlanTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 8, 15, 0, TimeSpan.Zero);
    private static readonly Matter Matter = new() { Tenant = "north", Id = "n1", Priority = "urgent", Owner = "ann", Step = 0, DueAt = Now.AddSeconds(-1) };

    [Fact]
    public void With_nobody_present_it_goes_to_the_first_of_the_list()
    {
        Assert.Equal(
            new EscalationStep(1, Now, "ann", "ben", EscalationReason.NotAcknowledged, Now.AddSeconds(60)), Next(["ann"], ["ben", "cid"]));
    }

    [Theory]
    [InlineData(PresenceStatus.Active, PresenceStatus.Away, "ben")]
    [InlineData(PresenceStatus.Away, PresenceStatus.Busy, "cid")]
    [InlineData(PresenceStatus.Hidden, PresenceStatus.Active, "cid")]
    [InlineData(PresenceStatus.Busy, PresenceStatus.Active, "ben")]
    [InlineData(PresenceStatus.Hidden, PresenceStatus.Away, "ben")]
    [InlineData(PresenceStatus.Reconnecting, PresenceStatus.Hidden, "cid")]
    [InlineData(PresenceStatus.Reconnecting, PresenceStatus.Reconnecting, "ada")]
    public void Who_is_at_work_comes_before_who_is_signed_in_and_both_before_who_is_not_there(PresenceStatus ben, PresenceStatus cid, string expected)
    {
        Assert.Equal(expected, Next(["ann"], ["ada", "ben", "cid"], ("ben", ben), ("cid", cid)).To);
    }

    [Fact]
    public void Nobody_gets_it_twice_while_there_is_somebody_who_has_not_had_it()
    {
        var step = Next(Matter with { Owner = "cid", Step = 1 }, ["ann", "cid"], ["ann", "cid", "ben"], ("cid", PresenceStatus.Active), ("ann", PresenceStatus.Active));

        Assert.Equal((2, "cid", "ben", EscalationReason.NotAcknowledged), (step.Number, step.From, step.To, step.Reason));
    }

    [Fact]
    public void With_an_empty_list_the_owner_is_reminded()
    {
        var step = Next(["ann"], []);

        Assert.Equal(("ann", "ann", EscalationReason.NobodyLeft, Now.AddSeconds(60)), (step.From, step.To, step.Reason, step.DueAt));
    }

    [Fact]
    public void With_the_list_exhausted_and_nobody_there_it_stays_with_its_owner()
    {
        var step = Next(Matter with { Owner = "cid", Step = 2 }, ["ann", "ben", "cid"], ["ben", "cid"], ("ben", PresenceStatus.Reconnecting));

        Assert.Equal(("cid", "cid", EscalationReason.NobodyLeft), (step.From, step.To, step.Reason));
    }

    [Fact]
    public void With_the_list_exhausted_it_goes_round_among_those_who_are_there()
    {
        (string, PresenceStatus)[] present = [("ann", PresenceStatus.Active), ("ben", PresenceStatus.Busy), ("eve", PresenceStatus.Active)];
        var matter = Matter with { Owner = "cid", Step = 2 };
        var owners = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            var step = Next(matter, ["ann", "ben", "cid"], ["ben", "cid"], present);
            matter = matter with { Owner = step.To, Step = step.Number };
            owners.Add(step.To);
        }

        Assert.Equal(["ann", "ben", "ann", "ben"], owners);
    }

    [Fact]
    public void Who_was_taken_off_the_list_is_told_and_not_asked_again()
    {
        var step = Next(Matter with { Owner = "cid", Step = 1 }, ["ann", "cid"], [], ("cid", PresenceStatus.Reconnecting), ("ann", PresenceStatus.Away));

        Assert.Equal("ann", step.To);
        Assert.Equal("ann", Next(Matter with { Step = 2 }, ["ann", "cid"], [], ("cid", PresenceStatus.Active)).To);
    }

    [Fact]
    public void After_an_outage_the_new_owner_has_the_whole_time()
    {
        var step = EscalationPlan.Next(
            Matter with { DueAt = Now.AddHours(-9) }, new EscalationRule(60, ["ben"]), ["ann"], new Dictionary<string, PresenceStatus>(), Now);

        Assert.Equal((Now, Now.AddSeconds(60)), (step.At, step.DueAt));
    }

    [Fact]
    public void A_clinic_without_a_policy_has_the_defaults()
    {
        var policy = EscalationPolicy.Read(null);

        Assert.Equal([900, 3_600, 14_400, 86_400], new[] { "urgent", "high", "normal", "low" }.Select(p => policy.For(p).AfterSeconds));
        Assert.Empty(policy.Urgent.List);
    }

    [Fact]
    public void A_policy_is_read_as_it_was_stored()
    {
        var policy = EscalationPolicy.Default with { Urgent = new EscalationRule(3, ["ben \U0001F3E5", "\"cid\""]) };

        var read = EscalationPolicy.Read(policy.Store());

        Assert.Equal(policy.Urgent.AfterSeconds, read.Urgent.AfterSeconds);
        Assert.Equal(policy.Urgent.List, read.Urgent.List);
    }

    private static EscalationStep Next(string[] concerned, string[] list, params (string User, PresenceStatus Status)[] present) =>
        Next(Matter, concerned, list, present);

    private static EscalationStep Next(
        Matter matter, string[] concerned, string[] list, params (string User, PresenceStatus Status)[] present) =>
        EscalationPlan.Next(matter, new EscalationRule(60, list), concerned, present.ToDictionary(p => p.User, p => p.Status), Now);
}
