namespace Clinic.Faults.Schedules;

/// <summary>
/// A minute of faults as a pure function of its seed. What the cluster promises to survive is never exceeded:
/// <list type="bullet">
/// <item>Two lanes, one for processes and the database and one for the ways to them. In a lane a fault begins only when the one before has ended
/// and had its time to heal (<see cref="Healing"/>); of the two lanes one fault each may be there at a time.</item>
/// <item>One host and two of three silos are never touched in a schedule, so that there is always a way in and two votes; only what is over in an
/// instant (a storm, killed connections of the database) and a rolling restart reach everything.</item>
/// <item>A rolling restart, a storm and a full disk have their lane's whole time; a rolling restart has both.</item>
/// <item>Everything has ended 12 s before the schedule does.</item>
/// </list>
/// The first fault goes through the kinds with the seeds, the others are drawn, so that no kind is left out for long.
/// </summary>
internal sealed record Schedule(int Seed, double Length, IReadOnlyList<PlannedFault> Faults)
{
    /// <summary>A minute.</summary>
    public const double Minute = 60;

    /// <summary>The last of the faults has ended so long before the end.</summary>
    public const double Calm = 12;

    /// <summary>How long after its end nothing else of its lane begins.</summary>
    public const double Healing = 8;

    private static readonly FaultKind[] Processes =
    [
        FaultKind.SiloKilled, FaultKind.SiloHung, FaultKind.HostKilled, FaultKind.HostHung, FaultKind.PostgresStopped, FaultKind.PostgresRestarted,
        FaultKind.DiskFull, FaultKind.ClockJump, FaultKind.SiloAdded, FaultKind.RollingRestart,
    ];

    private static readonly FaultKind[] Ways =
    [
        FaultKind.DatabaseCut, FaultKind.DatabaseSlow, FaultKind.NetworkCut, FaultKind.ConnectionsKilled, FaultKind.LinkCut, FaultKind.LinkSlow,
        FaultKind.DeadSockets, FaultKind.ReconnectStorm,
    ];

    /// <summary>A minute of faults.</summary>
    /// <param name="seed">Decides everything.</param>
    /// <param name="possible">What can be broken where it is run; what can't is left out, and the rest drawn as if it did not exist.</param>
    public static Schedule Make(int seed, IReadOnlyCollection<FaultKind> possible)
    {
        var random = new Dice(seed);
        var processes = Processes.Where(possible.Contains).ToArray();
        var ways = Ways.Where(possible.Contains).ToArray();
        var victims = new Victims(random);
        var faults = new List<PlannedFault>();
        if (processes.Length > 0)
        {
            AddLane(faults, Turn(processes, seed), processes, 5 + random.Next(0, 3), victims, random);
        }

        if (ways.Length > 0 && faults.All(fault => fault.Kind != FaultKind.RollingRestart))
        {
            AddLane(faults, Turn(ways, seed), ways, 9 + random.Next(0, 6), victims, random);
        }

        return new Schedule(seed, Minute, [.. faults.OrderBy(fault => fault.At)]);
    }

    /// <summary>One fault, a few seconds into a time that is just long enough for it: for tests that have little time.</summary>
    public static Schedule Short(FaultKind kind, int seed)
    {
        var random = new Dice(seed);
        var fault = new Victims(random).Plan(kind, 2, Math.Min(Duration(kind, random), 3), random);
        return new Schedule(seed, fault.Until + 6, [fault]);
    }

    private static FaultKind Turn(FaultKind[] kinds, int seed) => kinds[(int)((uint)seed % (uint)kinds.Length)];

    private static void AddLane(List<PlannedFault> faults, FaultKind first, FaultKind[] kinds, double at, Victims victims, Dice random)
    {
        var kind = first;
        while (true)
        {
            var fault = victims.Plan(kind, at, Duration(kind, random), random);
            if (fault.Until > Minute - Calm)
            {
                return;
            }

            faults.Add(fault);
            if (IsAlone(kind))
            {
                return;
            }

            at = fault.Until + Healing + random.Next(0, 5);
            var others = kinds.Where(other => other != kind && !IsAlone(other)).ToArray();
            if (others.Length == 0)
            {
                return;
            }

            kind = others[random.Next(0, others.Length)];
        }
    }

    private static bool IsAlone(FaultKind kind) => kind is FaultKind.RollingRestart or FaultKind.ReconnectStorm or FaultKind.DiskFull;

    private static double Duration(FaultKind kind, Dice random) => kind switch
    {
        FaultKind.SiloHung => 12 + random.Next(0, 4),
        FaultKind.HostHung => 5 + random.Next(0, 8),
        FaultKind.SiloKilled or FaultKind.HostKilled => 4 + random.Next(0, 6),
        FaultKind.PostgresStopped or FaultKind.DiskFull => 5 + random.Next(0, 8),
        FaultKind.DatabaseCut or FaultKind.NetworkCut or FaultKind.LinkCut => 4 + random.Next(0, 8),
        FaultKind.DatabaseSlow or FaultKind.LinkSlow or FaultKind.ClockJump => 8 + random.Next(0, 8),
        FaultKind.DeadSockets => 14,
        FaultKind.SiloAdded => 14,
        // Its end is not planned: it is done when everything has had its turn.
        FaultKind.RollingRestart or FaultKind.PostgresRestarted or FaultKind.ConnectionsKilled or FaultKind.ReconnectStorm => 0,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "is no kind of fault"),
    };

    /// <summary>The one silo and the one host of a schedule that may be broken.</summary>
    private sealed class Victims(Dice random)
    {
        private readonly ProcessName _silo = ProcessName.Silo(random.Next(1, 4));
        private readonly ProcessName _host = ProcessName.Host(random.Next(1, 3));

        public PlannedFault Plan(FaultKind kind, double at, double duration, Dice random)
        {
            ProcessName? target = kind switch
            {
                FaultKind.SiloKilled or FaultKind.SiloHung or FaultKind.NetworkCut => _silo,
                FaultKind.HostKilled or FaultKind.HostHung or FaultKind.LinkCut or FaultKind.LinkSlow or FaultKind.DeadSockets => _host,
                FaultKind.DatabaseCut or FaultKind.DatabaseSlow or FaultKind.ClockJump => random.Next(0, 2) == 0 ? _silo : _host,
                _ => null,
            };
            ProcessName? other = kind != FaultKind.NetworkCut ? null
                : random.Next(0, 2) == 0 ? _host : ProcessName.Silo((_silo.Number % 3) + 1);
            return new PlannedFault(kind, target, other, at, at + duration);
        }
    }

    /// <summary>The same numbers for the same seed on every runtime, which the framework does not promise (SplitMix64).</summary>
    private sealed class Dice(int seed)
    {
        private ulong _state = (uint)seed;

        /// <summary>From <paramref name="from"/> to before <paramref name="until"/>.</summary>
        public int Next(int from, int until)
        {
            _state += 0x9E3779B97F4A7C15;
            var mixed = _state;
            mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
            mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
            mixed ^= mixed >> 31;
            return from + (int)(mixed % (ulong)(until - from));
        }
    }
}
