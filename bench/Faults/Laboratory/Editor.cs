using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Clinic.Faults.Check;
using Clinic.Load.Clients;
using Clinic.Load.Events;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;

namespace Clinic.Faults.Laboratory;

/// <summary>
/// A user who wants the vitals of one chart, again and again: begins to edit or takes the edit over, writes with the lease, renews it, and
/// ends it, or is cut off. Each grant and each write that was taken is noted.
/// </summary>
internal sealed class Editor(
    UserName self,
    string chart,
    IReadOnlyList<Uri> hosts,
    int first,
    TokenSource tokens,
    HttpClient http,
    string serviceKey,
    HistoryLog log,
    Random random)
{
    private const string Section = "vitals";
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(8);

    private int _host = first % hosts.Count;
    private string? _token;

    public async Task RunAsync(long until, CancellationToken stop)
    {
        while (MonotonicClock.Now < until && !stop.IsCancellationRequested)
        {
            try
            {
                _token ??= await tokens.TokenAsync(self.Clinic, self.User, stop);
                await using var connection = Build(_token);
                await connection.StartAsync(stop).WaitAsync(CallLimit, stop);
                await EditAsync(connection, until, stop);
            }
            catch (Exception exception) when (exception is HttpRequestException or SocketException or IOException or TimeoutException or HubException
                or InvalidOperationException or System.Net.WebSockets.WebSocketException or OperationCanceledException)
            {
                // The way or the server is broken: the next host, until the schedule is over.
                _host = (_host + 1) % hosts.Count;
            }

            await Task.Delay(random.Next(100, 400), stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private HubConnection Build(string token) => new HubConnectionBuilder()
        .WithUrl(new Uri(hosts[_host], "/hubs/clinic"), options =>
        {
            options.AccessTokenProvider = () => Task.FromResult<string?>(token);
            options.SkipNegotiation = true;
            options.Transports = HttpTransportType.WebSockets;
        })
        .Build();

    private async Task EditAsync(HubConnection connection, long until, CancellationToken stop)
    {
        while (MonotonicClock.Now < until && connection.State == HubConnectionState.Connected)
        {
            var asked = log.Now;
            var lease = await CallAsync(connection, random.Next(6) == 0 ? "TakeOverEdit" : "BeginEdit", stop);
            if (lease is null)
            {
                await Task.Delay(random.Next(100, 500), stop);
                continue;
            }

            var granted = log.Now;
            var held = granted;
            try
            {
                for (var step = random.Next(1, 5); step > 0; step--)
                {
                    held = await WriteAsync(lease, stop) ?? held;
                    await Task.Delay(random.Next(50, 300), stop);
                    var renewing = log.Now;
                    if (await CallAsync(connection, "BeginEdit", stop) != lease)
                    {
                        // Lost, or got anew: either way this one is over.
                        break;
                    }

                    held = renewing;
                }
            }
            finally
            {
                log.Add(history => history.Holds.Add(new EditHold($"{chart} {Section}", self, lease, asked, granted, held)));
            }

            if (random.Next(5) == 0)
            {
                // Goes without a word: the lease has to find its own end.
                return;
            }

            await connection.InvokeAsync("EndEdit", chart, Section, stop).WaitAsync(CallLimit, stop);
        }
    }

    private async Task<string?> CallAsync(HubConnection connection, string method, CancellationToken stop)
    {
        var answer = await connection.InvokeAsync<JsonElement>(method, chart, Section, stop).WaitAsync(CallLimit, stop);
        return answer.GetProperty("granted").GetBoolean() ? answer.GetProperty("lease").GetString() : null;
    }

    /// <returns>When the write was sent that was taken; null when it was not, or nobody knows.</returns>
    private async Task<double?> WriteAsync(string lease, CancellationToken stop)
    {
        var sent = log.Now;
        using var request = new HttpRequestMessage(HttpMethod.Patch, new Uri(hosts[random.Next(hosts.Count)], $"/api/patients/{chart}/vitals"));
        request.Headers.Authorization = new AuthenticationHeaderValue("ServiceKey", serviceKey);
        request.Headers.Add("X-Tenant", self.Clinic);
        request.Headers.Add("X-User", self.User);
        request.Headers.Add("X-Edit-Lease", lease);
        request.Content = JsonContent.Create(new { heartRate = random.Next(50, 120) });
        try
        {
            using var answer = await http.SendAsync(request, stop);
            if (answer.StatusCode != HttpStatusCode.OK)
            {
                return null;
            }

            var version = (await answer.Content.ReadFromJsonAsync<JsonElement>(stop)).GetProperty("version").GetInt64();
            log.Add(history => history.Writes.Add(new GuardedWrite(string.Create(CultureInfo.InvariantCulture, $"{chart} {Section}"), lease, version)));
            return sent;
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or SocketException
            || (exception is OperationCanceledException && !stop.IsCancellationRequested))
        {
            return null;
        }
    }
}
