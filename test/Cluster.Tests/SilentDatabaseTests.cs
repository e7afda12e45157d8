using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Clinic.Databases;
using Clinic.Faults.Laboratory;
using Clinic.Storage;
using Npgsql;

namespace Clinic;

public sealed class SilentDatabaseTests
{
    private const int Callers = 30;

    /// <summary>Statements time out after 5 s, and what that does shows in the seconds after.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(9);

    /// <summary>Silos take a host for dead that is silent for 3 s, of which the waiting for its call takes some.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1.2);

    private static readonly Uri Schedule = new("/api/appointments?date=2031-05-06", UriKind.Relative);

    [Fact]
    public async Task A_process_whose_database_went_silent_goes_on_with_what_needs_none()
    {
        await using var database = await FreshDatabase.CreateEmptyAsync(StorageProvider.PostgreSql);
        var direct = new NpgsqlConnectionStringBuilder(database.Options.ConnectionString);
        await using var gate = new Gate(IPAddress.Loopback, new IPEndPoint(IPAddress.Loopback, direct.Port));
        var through = new NpgsqlConnectionStringBuilder(database.Options.ConnectionString) { Host = "127.0.0.1", Port = gate.EndPoint.Port };
        await using var process = ClinicProcess.Embedded(through.ConnectionString, settings: ("Storage__Provider", "PostgreSql"));
        await process.ReadyAsync();
        using var http = await SignedInAsync(process.Address);
        using var enough = new CancellationTokenSource();
        var callers = Enumerable.Range(0, Callers).Select(_ => CallAsync(http, enough.Token)).ToList();
        await OnceAsync(http);

        gate.Silence();
        var until = DateTime.UtcNow + Silence;
        var longest = TimeSpan.Zero;
        while (DateTime.UtcNow < until)
        {
            var asked = DateTime.UtcNow;
            using var answer = await http.GetAsync(new Uri("/health/live", UriKind.Relative), enough.Token);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            longest = longest > DateTime.UtcNow - asked ? longest : DateTime.UtcNow - asked;
        }

        Assert.True(longest < LongestPause, $"the process stood still for {longest.TotalSeconds:0.0} s:\n{process.Output()}");
        gate.Mend();
        await OnceAsync(http);
        await enough.CancelAsync();
        await Task.WhenAll(callers);
    }

    private static async Task CallAsync(HttpClient http, CancellationToken enough)
    {
        while (!enough.IsCancellationRequested)
        {
            try
            {
                using var answer = await http.GetAsync(Schedule, enough);
            }
            catch (OperationCanceledException) when (enough.IsCancellationRequested)
            {
                // It was enough.
            }
        }
    }

    /// <summary>Until the schedule is answered; a database that is just back has its moments.</summary>
    private static async Task OnceAsync(HttpClient http)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        HttpStatusCode status;
        do
        {
            using var answer = await http.GetAsync(Schedule, limit.Token);
            status = answer.StatusCode;
        }
        while (status != HttpStatusCode.OK);
    }

    private static async Task<HttpClient> SignedInAsync(Uri address)
    {
        var http = new HttpClient { BaseAddress = address };
        using var answer = await http.PostAsJsonAsync("/dev/token", new { tenant = "north", user = "ann", roles = new[] { "nurse" } });
        var token = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("token").GetString();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return http;
    }
}
