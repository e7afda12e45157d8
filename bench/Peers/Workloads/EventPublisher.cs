using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using Clinic.Peers.Servers;

namespace Clinic.Peers.Workloads;

/// <summary>Publishes to a clinic's topic as a backend would: the same request to every peer, to its hosts in turn.</summary>
/// <param name="http">What it publishes with.</param>
/// <param name="hosts">The peer's hosts.</param>
/// <param name="tenant">The clinic of each event, by the event's number.</param>
internal sealed class EventPublisher(HttpClient http, IReadOnlyList<Uri> hosts, Func<int, string> tenant)
{
    private const int MostUnderWay = 2000;

    private static readonly string Notes = new('x', 150);
    private int _underWay;
    private long _refused;

    /// <summary>Publishes to one clinic alone.</summary>
    public EventPublisher(HttpClient http, IReadOnlyList<Uri> hosts, string tenant)
        : this(http, hosts, _ => tenant)
    {
    }

    /// <summary>Events that the server did not take, or that were not sent because too many were under way.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    public int UnderWay => Volatile.Read(ref _underWay);

    /// <summary>The data of an appointment's event, about 300 bytes, with the time at which it was due in microseconds.</summary>
    public static string Appointment(long due, int number) => string.Create(
        CultureInfo.InvariantCulture,
        $"{{\"due\":{due / (Stopwatch.Frequency / 1_000_000)},\"id\":\"appointment-{number}\",\"patientId\":\"patient-{number % 500}\",\"providerId\":\"provider-1\","
        + $"\"status\":\"confirmed\",\"durationMinutes\":30,\"reason\":\"{Notes}\"}}");

    /// <summary>Creates a thread at every process that has to know of it.</summary>
    public static async Task CreateThreadAsync(HttpClient http, IEnumerable<Uri> hosts, string tenant, string id, IReadOnlyList<string> participants)
    {
        foreach (var host in hosts)
        {
            using var request = Request(host, "/api/messaging", tenant);
            request.Headers.Add("X-User", participants[0]);
            request.Content = JsonContent.Create(new { id, subject = "load", participants });
            using var answer = await http.SendAsync(request);
            if (!answer.IsSuccessStatusCode)
            {
                throw new InvalidOperationException($"POST /api/messaging answered {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
            }
        }
    }

    /// <summary>Sends one off and waits for nothing.</summary>
    public void Publish(long due, int number)
    {
        if (UnderWay >= MostUnderWay)
        {
            Interlocked.Increment(ref _refused);
            return;
        }

        Interlocked.Increment(ref _underWay);
        ThreadPool.UnsafeQueueUserWorkItem(
            static work => _ = work.Publisher.PublishAsync(work.due, work.number), (Publisher: this, due, number), preferLocal: false);
    }

    private static HttpRequestMessage Request(Uri host, string path, string tenant)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(host, path));
        request.Headers.Authorization = new AuthenticationHeaderValue("ServiceKey", Peer.ServiceKey);
        request.Headers.Add("X-Tenant", tenant);
        return request;
    }

    private async Task PublishAsync(long due, int number)
    {
        try
        {
            using var request = Request(hosts[number % hosts.Count], "/api/events", tenant(number));
            // The id is the due time: it is new in every span.
            var body = string.Create(
                CultureInfo.InvariantCulture, $"{{\"topic\":\"tenant\",\"type\":\"appointment:updated\",\"id\":\"e-{due}\",\"data\":{Appointment(due, number)}}}");
            request.Content = new StringContent(body, new MediaTypeHeaderValue("application/json"));
            using var answer = await http.SendAsync(request);
            if (!answer.IsSuccessStatusCode)
            {
                Interlocked.Increment(ref _refused);
            }
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException or IOException or SocketException)
        {
            Interlocked.Increment(ref _refused);
        }
        finally
        {
            Interlocked.Decrement(ref _underWay);
        }
    }
}
