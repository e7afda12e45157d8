using Clinic.Realtime.Simulation;

namespace Clinic.Realtime;

/// <summary>Runs alone: it decides by logical time and wants the pool's threads for itself.</summary>
[CollectionDefinition(nameof(RelaySimulationTests), DisableParallelization = true)]
public sealed class RelaySimulationAlone;

[Collection(nameof(RelaySimulationTests))]
public sealed class RelaySimulationTests
{
    [Fact]
    public void No_client_ever_sees_a_hole_a_repeat_or_a_swap_and_all_end_equal()
    {
        SynchronizationContext.SetSynchronizationContext(null);
        var seeds = int.Parse(Environment.GetEnvironmentVariable("SIMULATION_SEEDS") ?? "1000", System.Globalization.CultureInfo.InvariantCulture);
        for (var seed = 1; seed <= seeds; seed++)
        {
            var history = SimRun.Run(seed);
            Assert.True(history.Count == 0, $"Seed {seed}:\n{string.Join("\n", history.Take(300))}");
        }
    }
}
