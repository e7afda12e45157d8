namespace Clinic.Faults.Schedules;

/// <summary>What can be broken.</summary>
internal enum FaultKind
{
    /// <summary>SIGKILL of a silo, which is started again at the end.</summary>
    SiloKilled,

    /// <summary>SIGSTOP of a silo until the end, long enough for the others to put it out.</summary>
    SiloHung,

    /// <summary>SIGKILL of an Api host, which is started again at the end.</summary>
    HostKilled,

    /// <summary>SIGSTOP of an Api host until the end.</summary>
    HostHung,

    /// <summary>PostgreSQL is down until the end.</summary>
    PostgresStopped,

    /// <summary>PostgreSQL is stopped as by a power cut and started at once.</summary>
    PostgresRestarted,

    /// <summary>The file system of the database is full until the end.</summary>
    DiskFull,

    /// <summary>A silo or a host can't reach PostgreSQL until the end, and is told so, or hears nothing.</summary>
    DatabaseCut,

    /// <summary>A silo or a host reaches PostgreSQL with a delay until the end.</summary>
    DatabaseSlow,

    /// <summary>A silo and another process lose everything that they send each other until the end.</summary>
    NetworkCut,

    /// <summary>The wall clock of a silo or a host jumps, and back at the end.</summary>
    ClockJump,

    /// <summary>A silo more, which is taken away again at the end.</summary>
    SiloAdded,

    /// <summary>Every silo and host is stopped in good order and started again, one after the other.</summary>
    RollingRestart,

    /// <summary>Every connection to PostgreSQL is ended by it.</summary>
    ConnectionsKilled,

    /// <summary>Clients can't reach a host until the end, and their connections to it are reset.</summary>
    LinkCut,

    /// <summary>Whatever clients and a host send each other is late until the end.</summary>
    LinkSlow,

    /// <summary>The connections to a host go dead without a word; at the end their clients hear of it.</summary>
    DeadSockets,

    /// <summary>A thousand clients lose their connections at once and come back.</summary>
    ReconnectStorm,
}
