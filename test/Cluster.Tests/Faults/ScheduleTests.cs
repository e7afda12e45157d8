using Clinic.Faults.Schedules;

namespace Clinic.Faults;

public sealed class ScheduleTests
{
    private static readonly FaultKind[] All = Enum.GetValues<FaultKind>();
    private static readonly IReadOnlyList<Schedule> Sixty = [.. Enumerable.Range(1, 60).Select(seed => Schedule.Make(seed, All))];

    [Fact]
    public void A_seed_gives_the_same_schedule_each_time()
    {
        Assert.Equal(
            Sixty.Select(schedule => string.Join("; ", schedule.Faults)),
            Enumerable.Range(1, 60).Select(seed => string.Join("; ", Schedule.Make(seed, All).Faults)));
        // A rolling restart is much like another.
        var others = Sixty.Where(schedule => schedule.Faults.All(fault => fault.Kind != FaultKind.RollingRestart)).ToList();
        Assert.Equal(others.Count, others.Select(schedule => string.Join("; ", schedule.Faults)).Distinct().Count());
    }

    [Fact]
    public void Sixty_seeds_bring_every_kind_of_fault_at_least_five_times()
    {
        var counts = Sixty.SelectMany(schedule => schedule.Faults).GroupBy(fault => fault.Kind).ToDictionary(group => group.Key, group => group.Count());
        Assert.All(All, kind => Assert.True(counts.GetValueOrDefault(kind) >= 5, $"{kind}: {counts.GetValueOrDefault(kind)} times"));
    }

    [Fact]
    public void One_host_and_two_silos_are_never_touched()
    {
        foreach (var schedule in Sixty)
        {
            var touched = schedule.Faults.Where(fault => fault.Target is not null).Select(fault => fault.Target!.Value).Distinct().ToList();
            Assert.True(touched.Count(process => process.IsSilo) <= 1 && touched.Count(process => !process.IsSilo) <= 1, string.Join("; ", schedule.Faults));
        }
    }

    [Fact]
    public void A_fault_begins_when_the_one_before_it_in_its_lane_has_healed_and_all_have_ended_well_before_the_end()
    {
        foreach (var schedule in Sixty)
        {
            foreach (var lane in schedule.Faults.GroupBy(fault => fault.Kind < FaultKind.DatabaseCut || fault.Kind is FaultKind.ClockJump or FaultKind.SiloAdded))
            {
                var faults = lane.ToList();
                Assert.All(faults.Skip(1).Zip(faults), pair => Assert.True(pair.First.At >= pair.Second.Until + Schedule.Healing, $"{pair.Second}; {pair.First}"));
            }

            Assert.All(schedule.Faults, fault => Assert.True(fault.Until <= schedule.Length - Schedule.Calm, $"seed {schedule.Seed}: {fault}"));
            Assert.True(schedule.Faults.All(fault => fault.Kind != FaultKind.RollingRestart) || schedule.Faults.Count == 1);
        }
    }

    [Fact]
    public void What_can_not_be_broken_somewhere_is_left_out()
    {
        FaultKind[] some = [FaultKind.SiloKilled, FaultKind.LinkCut, FaultKind.PostgresRestarted];
        var drawn = Enumerable.Range(1, 60).SelectMany(seed => Schedule.Make(seed, some).Faults).Select(fault => fault.Kind).Distinct();
        Assert.Equal(some.Order(), drawn.Order());
    }
}
