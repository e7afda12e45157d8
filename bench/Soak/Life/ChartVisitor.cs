using System.Globalization;
using System.Net.Sockets;
using System.Net.WebSockets;
using Clinic.Load.Clients;
using Clinic.Load.Events;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;

namespace Clinic.Soak.Life;

/// <summary>A user who opens one chart after the other, edits its vitals, sends a signal and closes it; every tenth visit ends with a cut connection.</summary>
internal sealed class ChartVisitor(int number, SoakClinic clinic, IReadOnlyList<Uri> hosts, TokenSource tokens)
{
    private readonly Random _random = new(-1 - number);
    private readonly string _user = string.Create(CultureInfo.InvariantCulture, $"visitor-{number}");

    /// <summary>Charts that were opened and closed.</summary>
    public long Visits { get; private set; }

    /// <summary>Calls and connections that failed, by what they said.</summary>
    public Dictionary<string, long> Failures { get; } = [];

    public async Task RunAsync(long until)
    {
        while (MonotonicClock.Now < until)
        {
            try
            {
                await VisitAsync(until);
            }
            catch (Exception exception) when (exception is HttpRequestException or SocketException or IOException or HubException or WebSocketException
                or InvalidOperationException or OperationCanceledException or TimeoutException)
            {
                Failures[exception.Message] = Failures.GetValueOrDefault(exception.Message) + 1;
                // It is counted above; a server in trouble is not hammered.
                await Task.Delay(TimeSpan.FromSeconds(1));
            }
        }
    }

    private async Task VisitAsync(long until)
    {
        var token = await tokens.TokenAsync(clinic.Name, _user, CancellationToken.None);
        await using var connection = new HubConnectionBuilder()
            .WithUrl(new Uri(hosts[_random.Next(hosts.Count)], "/hubs/clinic"), options =>
            {
                options.AccessTokenProvider = () => Task.FromResult<string?>(token);
                options.SkipNegotiation = true;
                options.Transports = HttpTransportType.WebSockets;
            })
            .Build();
        await connection.StartAsync();
        while (MonotonicClock.Now < until)
        {
            var chart = clinic.Charts[_random.Next(clinic.Charts.Count)];
            await connection.InvokeAsync("OpenChart", chart, null);
            await connection.InvokeAsync("BeginEdit", chart, "vitals");
            await connection.InvokeAsync("Signal", $"patient:{chart}", "soak", new { at = _random.Next() });
            // The time in which a person writes; it is the load and waits for nothing.
            await Task.Delay(_random.Next(500, 2000));
            if (_random.Next(10) == 0)
            {
                return;
            }

            await connection.InvokeAsync("EndEdit", chart, "vitals");
            await connection.InvokeAsync("CloseChart", chart);
            Visits++;
            // On the way to the next chart.
            await Task.Delay(_random.Next(200, 1000));
        }
    }
}
