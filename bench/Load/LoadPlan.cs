using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Clinic.Load.Clients;
using Clinic.Load.Events;

namespace Clinic.Load;

/// <summary>Who is in which clinic and reads which topics; the same for every run with the same options.</summary>
internal sealed class LoadPlan(LoadOptions options, int run)
{
    public string TenantOf(int number) => string.Create(CultureInfo.InvariantCulture, $"load-{run}-{number % options.Tenants}");

    public static string UserOf(int number) => string.Create(CultureInfo.InvariantCulture, $"load-{number}");

    /// <summary>The number of the host that a client starts at.</summary>
    public int HostOf(int client) => client / options.Tenants % options.Urls.Count;

    /// <summary>The topics that events go to.</summary>
    public IReadOnlyList<TopicLedger> Topics()
        => [.. Enumerable.Range(0, options.TopicCount).Select(number => new TopicLedger(TenantOf(number), TopicOf(number)))];

    /// <summary>The numbers of the topics that a client reads; those of its own clinic, side by side.</summary>
    public IEnumerable<int> TopicsOf(int client)
    {
        var tenant = client % options.Tenants;
        var rank = client / options.Tenants;
        var own = (options.TopicCount - tenant + options.Tenants - 1) / options.Tenants;
        return Enumerable.Range(0, options.Subscriptions).Select(step => ((rank + step) % own * options.Tenants) + tenant);
    }

    /// <summary>Threads exist only once somebody has made them.</summary>
    public async Task CreateThreadsAsync(HttpClient http, CancellationToken cancellation)
    {
        if (options.Topics != TopicKind.Threads)
        {
            return;
        }

        var participants = Enumerable.Range(0, options.Connections)
            .SelectMany(client => TopicsOf(client).Select(topic => (topic, client)))
            .ToLookup(pair => pair.topic, pair => UserOf(pair.client));
        await Parallel.ForEachAsync(
            Enumerable.Range(0, options.TopicCount).Where(participants.Contains),
            new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancellation },
            async (number, stop) =>
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(options.Urls[0], "/api/messaging"));
                request.Headers.Authorization = new AuthenticationHeaderValue("ServiceKey", options.ServiceKey);
                request.Headers.Add("X-Tenant", TenantOf(number));
                request.Headers.Add("X-User", participants[number].First());
                request.Content = JsonContent.Create(new { id = ThreadId(number), subject = "load", participants = participants[number] });
                using var answer = await http.SendAsync(request, stop);
                if (!answer.IsSuccessStatusCode)
                {
                    throw new InvalidOperationException(
                        $"POST /api/messaging answered {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync(stop)}");
                }
            });
    }

    public IEnumerable<ClientPlace> Clients(IReadOnlyList<TopicLedger> topics, DeliveryLog log, StrayEvents strays, Func<int, PresenceView?> presence)
    {
        // Events go to the clinic's topic only when that is the kind under test; otherwise it is read for its presence.
        var tenants = Enumerable.Range(0, options.Tenants).Select(number => new TopicLedger(TenantOf(number), "tenant")).ToArray();
        for (var number = 0; number < options.Connections; number++)
        {
            var subscriptions = TopicsOf(number).Select(topic => new Subscription(topics[topic].Topic, topics[topic], log)).ToList();
            if (options.WithTenant)
            {
                subscriptions.Insert(0, new Subscription("tenant", tenants[number % options.Tenants], log));
            }

            yield return new ClientPlace(
                number,
                TenantOf(number),
                UserOf(number),
                options.Urls,
                HostOf(number),
                subscriptions,
                presence(number),
                strays);
        }
    }

    private string TopicOf(int number) => options.Topics switch
    {
        TopicKind.Threads => $"thread:{ThreadId(number)}",
        TopicKind.Patients => string.Create(CultureInfo.InvariantCulture, $"patient:load-{run}-{number}"),
        _ => "tenant",
    };

    private string ThreadId(int number) => string.Create(CultureInfo.InvariantCulture, $"load-{run}-{number}");
}
