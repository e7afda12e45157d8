namespace Clinic.Realtime.Simulation;

/// <summary>One run: half a minute of faults, then quiet, then everything has to agree.</summary>
internal static class SimRun
{
    public static IReadOnlyList<string> Run(int seed, double faultSeconds = 30)
    {
        // Each kind of run has its own troubles, so that the runs without hold the relay to what it has to do without.
        var world = new SimWorld(seed)
        {
            MaxRecovery = seed % 4 == 0 ? 15 : int.MaxValue,
            SmallLanes = seed % 4 == 1,
            SilosHang = seed % 4 == 2,
        };
        var silos = 0;
        var hosts = 0;
        for (var i = 0; i < 3; i++)
        {
            _ = new SimSilo(world, $"silo{++silos}");
        }

        for (var i = 0; i < 2; i++)
        {
            _ = new SimHost(world, $"host{++hosts}");
        }

        world.Run(1);
        for (var i = 0; i < 6; i++)
        {
            _ = new SimClient(world, $"user{i}", world.Topics[i % 2]);
        }

        world.Every(0.05, () =>
        {
            foreach (var topic in world.Topics)
            {
                if (world.Random.NextDouble() < 0.5 && world.ActivationOf(topic) is { } activation)
                {
                    activation.Silo.Do(() =>
                    {
                        activation.Publish($"e{world.Random.Next()}");
                        activation.Silo.Pump();
                    });
                }
            }

            return world.Faults;
        });
        world.Every(3, () =>
        {
            Misbehave(world, ref silos, ref hosts);
            return world.Faults;
        });
        world.Every(0.25, () =>
        {
            FindGhosts(world);
            return true;
        });
        world.Run(faultSeconds);

        world.Faults = false;
        foreach (var topic in world.Topics)
        {
            world.After(10, () => world.ActivationOf(topic)?.Publish("last"));
        }

        world.Run(20);
        foreach (var client in world.Clients.Where(c => c.IsLive))
        {
            var committed = world.Logs[client.Topic].Count;
            if (!client.IsSubscribed || client.Offset != committed)
            {
                world.Violate($"{client.User} ended at {client.Offset} of {committed}, subscribed: {client.IsSubscribed}");
            }

            var expected = world.Clients.Where(c => c.IsLive && c.Topic == client.Topic).Select(c => c.User).Order();
            if (!client.Shown.Order().SequenceEqual(expected))
            {
                world.Violate($"{client.User} sees {string.Join(",", client.Shown.Order())}, present are {string.Join(",", expected)}");
            }
        }

        return world.Violations.Count == 0 ? [] : world.History;
    }

    private static void Misbehave(SimWorld world, ref int silos, ref int hosts)
    {
        switch (world.Random.Next(8))
        {
            case 0 when world.Silos.Count(s => s.IsRunning && s.IsIn) == 3:
                var silo = ++silos;
                var struck = world.Silos.Where(s => s.IsAlive && s.IsIn).ElementAt(world.Random.Next(3));
                if (world.SilosHang)
                {
                    struck.Hang(2 + (world.Random.NextDouble() * 10), world.Random.NextDouble() * 1.5);
                    world.After(12, () => ReplaceLost(world, $"silo{silo}"));
                }
                else
                {
                    struck.Kill();
                    // Sometimes just when the topics of the dead one have to come up somewhere.
                    world.After(2 + (world.Random.NextDouble() * 4), () => _ = new SimSilo(world, $"silo{silo}"));
                }

                break;
            case 4 when world.Silos.Count(s => s.IsRunning && s.IsIn) == 3:
                world.Silos.Where(s => s.IsAlive && s.IsIn).ElementAt(world.Random.Next(3)).Stop();
                var next = ++silos;
                world.After(world.Random.NextDouble() * 4, () => _ = new SimSilo(world, $"silo{next}"));
                break;
            case 1 when world.Hosts.Count(h => h.IsAlive) == 2:
                world.Hosts.Where(h => h.IsAlive).ElementAt(world.Random.Next(2)).Kill();
                var host = ++hosts;
                world.After(2, () => _ = new SimHost(world, $"host{host}"));
                break;
            case 2:
                world.Clients[world.Random.Next(world.Clients.Count)].ConnectionDied();
                break;
            case 3 when world.Clients.All(c => !c.StaysAway):
                var leaver = world.Clients[world.Random.Next(world.Clients.Count)];
                leaver.StaysAway = true;
                leaver.ConnectionDied();
                break;
        }
    }

    private static void ReplaceLost(SimWorld world, string name)
    {
        if (world.Silos.Count(s => s.IsIn) < 3)
        {
            _ = new SimSilo(world, name);
        }
    }

    private static void FindGhosts(SimWorld world)
    {
        foreach (var client in world.Clients.Where(c => c.IsLive))
        {
            foreach (var shown in client.Shown)
            {
                var other = world.Clients.Single(c => c.User == shown);
                if (other.DeadSince is { } dead && world.Now - dead > world.GhostLimit)
                {
                    world.Violate($"{client.User} is shown {shown}, gone for {(world.Now - dead).TotalSeconds:0.0} s");
                }
            }
        }
    }
}
