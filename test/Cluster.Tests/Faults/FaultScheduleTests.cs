using Clinic.Faults.Laboratory;
using Clinic.Faults.Schedules;
using Xunit.Abstractions;

namespace Clinic.Faults;

/// <summary>One cluster for all schedules; nothing else runs beside them, since presence is held to its seconds.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class FaultCluster : ICollectionFixture<ProcessTarget>
{
    public const string Name = "fault schedules";
}

/// <summary>Short schedules on one cluster; <c>bench/Faults --scenario schedule</c> has the minutes, and the faults that need root.</summary>
[Collection(FaultCluster.Name)]
public sealed class FaultScheduleTests(ProcessTarget target, ITestOutputHelper output)
{
    [Theory]
    [InlineData(101, "SiloKilled")]
    [InlineData(102, "HostKilled")]
    [InlineData(103, "PostgresRestarted")]
    [InlineData(104, "LinkCut")]
    [InlineData(105, "ReconnectStorm")]
    public async Task Nothing_is_lost_repeated_swapped_or_made_up_nobody_is_shown_wrongly_and_a_section_has_one_editor(int seed, string kind)
    {
        var run = new ScheduleRun(target, ClinicSize.Usual with { Rate = 20 }, ClinicSize.Crowd with { Readers = 100 }, TimeProvider.System);
        var result = await run.RunAsync(Schedule.Short(Enum.Parse<FaultKind>(kind), seed));
        output.WriteLine(
            $"{string.Join("; ", result.Faults)}; {result.Acknowledged} acknowledged, {result.Findings.Deliveries} delivered, {result.Findings.Recovered} recovered");
        Assert.Empty(result.Findings.Violations);
        Assert.Empty(result.Stuck);
        Assert.Equal(0, result.Abandoned);
        // A schedule in which nothing happened would prove nothing.
        Assert.True(result.Acknowledged > 100 && result.Findings.Deliveries > result.Acknowledged && result.Findings.Holds > 0);
    }
}
