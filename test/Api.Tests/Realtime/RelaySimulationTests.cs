using System.Globalization;
using Clinic.Realtime.Simulation;

namespace Clinic.Realtime;

/// <summary>Runs alone: it decides by logical time and wants the pool's threads for itself.</summary>
[CollectionDefinition(nameof(RelaySimulationTests), DisableParallelization = true)]
public sealed class RelaySimulationAlone;

/// <summary><c>SIMULATION_SEEDS</c> sets how many seeds are run, <c>SIMULATION_FIRST</c> the first of them.</summary>
[Collection(nameof(RelaySimulationTests))]
public sealed class RelaySimulationTests
{
    [Fact]
    public void No_client_ever_sees_a_hole_a_repeat_or_a_swap_and_all_end_equal()
    {
        SynchronizationContext.SetSynchronizationContext(null);
        var first = Setting("SIMULATION_FIRST", 1);
        for (var seed = first; seed < first + Setting("SIMULATION_SEEDS", 2000); seed++)
        {
            var history = SimRun.Run(seed);
            Assert.True(history.Count == 0, $"Seed {seed}:\n{string.Join("\n", history.TakeLast(300))}");
        }
    }

    private static int Setting(string name, int otherwise) =>
        Environment.GetEnvironmentVariable(name) is { } value ? int.Parse(value, CultureInfo.InvariantCulture) : otherwise;
}
