using Clinic.Realtime.Simulation;

namespace Clinic.Realtime;

public sealed class RelaySimulationTests
{
    [Fact]
    public void No_client_ever_sees_a_hole_a_repeat_or_a_swap_and_all_end_equal()
    {
        SynchronizationContext.SetSynchronizationContext(null);
        var seeds = int.Parse(Environment.GetEnvironmentVariable("SIMULATION_SEEDS") ?? "2000", System.Globalization.CultureInfo.InvariantCulture);
        for (var seed = 1; seed <= seeds; seed++)
        {
            var history = SimRun.Run(seed);
            Assert.True(history.Count == 0, $"Seed {seed}:\n{string.Join("\n", history.Take(300))}");
        }
    }
}
