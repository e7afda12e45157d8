using System.Net;
using Clinic.Databases;
using Clinic.Faults.Laboratory;
using Clinic.Faults.Schedules;
using Npgsql;

namespace Clinic.Faults;

/// <summary>Three silos, two Api hosts and PostgreSQL as processes of the tests' own, with gates before them; what needs root is left out.</summary>
public sealed class ProcessTarget : IFaultTarget, IAsyncLifetime
{
    private const int Silos = 3;
    private const int ApiHosts = 2;

    private readonly Dictionary<ProcessName, ClinicProcess> _processes = [];
    private readonly Dictionary<ProcessName, Gate> _databases = [];
    private readonly List<Gate> _hosts = [];
    private PostgreSqlServer? _server;
    private bool _isPostgresUp = true;
    private string _database = "";

    IReadOnlyCollection<FaultKind> IFaultTarget.Possible { get; } =
        [.. Enum.GetValues<FaultKind>().Except([FaultKind.NetworkCut, FaultKind.DiskFull, FaultKind.ClockJump])];

    IReadOnlyList<Gate> IFaultTarget.Hosts => _hosts;

    string IFaultTarget.Database => _database;

    string IFaultTarget.ServiceKey => "a-key-for-this-test";

    private IFaultTarget Self => this;

    async Task IAsyncLifetime.InitializeAsync()
    {
        _server = await PostgreSqlServer.StartNewAsync();
        _database = await _server.CreateDatabaseAsync();
        var silos = Enumerable.Range(1, Silos).Select(ProcessName.Silo).ToList();
        var hosts = Enumerable.Range(1, ApiHosts).Select(ProcessName.Host).ToList();
        foreach (var process in silos.Concat(hosts).Append(ProcessName.Silo(Silos + 1)))
        {
            _databases[process] = new Gate(IPAddress.Loopback, new IPEndPoint(IPAddress.Loopback, _server.Port));
        }

        // The first silo brings the schema.
        await StartAsync(silos[0]);
        await Task.WhenAll(silos.Skip(1).Select(StartAsync));
        foreach (var host in hosts)
        {
            _hosts.Add(new Gate(IPAddress.Loopback, new IPEndPoint(IPAddress.Loopback, 1)));
            await StartAsync(host);
        }
    }

    async Task IAsyncLifetime.DisposeAsync()
    {
        foreach (var process in _processes.Values)
        {
            await process.DisposeAsync();
        }

        foreach (var gate in _hosts.Concat(_databases.Values))
        {
            await gate.DisposeAsync();
        }

        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    Gate IFaultTarget.DatabaseOf(ProcessName process) => _databases[process];

    Task IFaultTarget.KillAsync(ProcessName process) => _processes[process].KillAsync();

    Task IFaultTarget.HangAsync(ProcessName process) => _processes[process].HangAsync();

    Task IFaultTarget.ContinueAsync(ProcessName process) => _processes[process].ContinueAsync();

    async Task IFaultTarget.RestartAsync(ProcessName process)
    {
        if (!_processes[process].HasExited)
        {
            await _processes[process].EndAsync();
        }

        await StartAsync(process);
    }

    async Task<IReadOnlyList<ProcessName>> IFaultTarget.ReviveAsync()
    {
        var gone = _processes.Where(process => process.Value.HasExited).Select(process => process.Key).ToList();
        foreach (var process in gone)
        {
            await StartAsync(process);
        }

        await Task.WhenAll(_processes.Values.Select(process => process.ReadyAsync()));
        return gone;
    }

    async Task IFaultTarget.StopPostgresAsync()
    {
        await _server!.StopAsync(immediate: true);
        _isPostgresUp = false;
    }

    async Task IFaultTarget.StartPostgresAsync()
    {
        if (!_isPostgresUp)
        {
            await _server!.StartAsync();
            _isPostgresUp = true;
        }
    }

    async Task IFaultTarget.AddSiloAsync(bool added)
    {
        var fourth = ProcessName.Silo(Silos + 1);
        if (added)
        {
            await StartAsync(fourth);
            return;
        }

        await _processes[fourth].EndAsync();
        await _processes[fourth].DisposeAsync();
        _processes.Remove(fourth);
    }

    Task IFaultTarget.FillDiskAsync(bool full) => throw new NotSupportedException("a disk can't be filled without root");

    Task IFaultTarget.CutAsync(ProcessName one, ProcessName other, bool cut) => throw new NotSupportedException("a network can't be cut without root");

    Task IFaultTarget.SetClockAsync(ProcessName process, TimeSpan off) => throw new NotSupportedException("a clock can't be set here");

    private async Task StartAsync(ProcessName name)
    {
        if (_processes.Remove(name, out var former))
        {
            await former.DisposeAsync();
        }

        var way = new NpgsqlConnectionStringBuilder(_database) { Port = _databases[name].EndPoint.Port }.ToString();
        var process = name.IsSilo ? ClinicProcess.Silo(way) : ClinicProcess.Host(way, Self.ServiceKey);
        _processes[name] = process;
        await process.ReadyAsync();
        if (!name.IsSilo)
        {
            _hosts[name.Number - 1].Server = new IPEndPoint(IPAddress.Loopback, process.Address.Port);
        }
    }
}
