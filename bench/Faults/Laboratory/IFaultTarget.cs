using Clinic.Faults.Schedules;

namespace Clinic.Faults.Laboratory;

/// <summary>A cluster of three silos, two Api hosts and PostgreSQL that can be broken, with gates on the ways that a drill breaks.</summary>
internal interface IFaultTarget
{
    /// <summary>What can be broken here.</summary>
    IReadOnlyCollection<FaultKind> Possible { get; }

    /// <summary>The gates through which clients and publishers reach the hosts, host 1 first.</summary>
    IReadOnlyList<Gate> Hosts { get; }

    /// <summary>The database, on a way that no fault cuts.</summary>
    string Database { get; }

    /// <summary>A key that publishers and record routes take.</summary>
    string ServiceKey { get; }

    /// <summary>The gate through which a process reaches PostgreSQL.</summary>
    Gate DatabaseOf(ProcessName process);

    /// <summary>SIGKILL.</summary>
    Task KillAsync(ProcessName process);

    /// <summary>SIGSTOP.</summary>
    Task HangAsync(ProcessName process);

    /// <summary>SIGCONT.</summary>
    Task ContinueAsync(ProcessName process);

    /// <summary>Ends it in good order if it runs, starts it, and waits until it is ready.</summary>
    Task RestartAsync(ProcessName process);

    /// <summary>Starts what does not run, and waits until everything is ready.</summary>
    /// <returns>What had ended.</returns>
    Task<IReadOnlyList<ProcessName>> ReviveAsync();

    /// <summary>An immediate shutdown, as after a power cut.</summary>
    Task StopPostgresAsync();

    /// <summary>Starts it on the same port and data; nothing happens when it runs.</summary>
    Task StartPostgresAsync();

    /// <summary>Fills the file system of the database, or empties it again and sees to it that PostgreSQL runs.</summary>
    Task FillDiskAsync(bool full);

    /// <summary>Two processes lose, or get again, whatever they send each other.</summary>
    Task CutAsync(ProcessName one, ProcessName other, bool cut);

    /// <summary>Sets a process's wall clock off by so much; zero is the right time.</summary>
    Task SetClockAsync(ProcessName process, TimeSpan off);

    /// <summary>Adds a fourth silo, or takes it away in good order.</summary>
    Task AddSiloAsync(bool added);
}
