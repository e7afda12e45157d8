using System.Globalization;
using Clinic.Load.Clients;
using Clinic.Load.Events;

namespace Clinic.Soak.Life;

/// <summary>A place that one user takes again and again: comes, reads the clinic's topic and two charts, leaves with a goodbye or without one, stays away.</summary>
internal sealed class ReaderPlace(int number, SoakClinic clinic, IReadOnlyList<Uri> hosts, TokenSource tokens, DeliveryLog log, StrayEvents strays, ReadingTally tally)
{
    private readonly Random _random = new(number);

    /// <summary>Who has the place now, or had it last.</summary>
    public ClinicClient? Client { get; private set; }

    public async Task RunAsync(long until, Task drained)
    {
        while (true)
        {
            var client = Client = NewClient();
            var life = client.RunAsync();
            await Task.WhenAny(client.Ready, life, Away(30, 60));
            await Task.WhenAny(life, Away(20, 60), drained);
            if (MonotonicClock.Now >= until)
            {
                await drained;
                await LeaveAsync(client, life, stayed: client.IsConnected);
                return;
            }

            if (_random.Next(2) == 0)
            {
                client.StaysAway = true;
                client.Cut();
            }

            await LeaveAsync(client, life, stayed: false);
            await Task.WhenAny(Away(1, 16), drained);
        }
    }

    private async Task LeaveAsync(ClinicClient client, Task life, bool stayed)
    {
        await client.StopAsync();
        await life;
        // One who never got in has told why.
        _ = client.Ready.Exception;
        tally.Add(client, stayed);
    }

    private ClinicClient NewClient()
    {
        var first = _random.Next(clinic.Charts.Count);
        var topics = new[] { clinic.Topics[0], clinic.Topics[1 + first], clinic.Topics[1 + ((first + 1) % clinic.Charts.Count)] }.Distinct();
        return new ClinicClient(
            new ClientPlace(
                number,
                clinic.Name,
                string.Create(CultureInfo.InvariantCulture, $"reader-{number}"),
                hosts,
                _random.Next(hosts.Count),
                [.. topics.Select(topic => new Subscription(topic.Topic, topic, log))],
                null,
                strays),
            (hub, token, receiver) => new LeanLink(hub, token, receiver),
            tokens);
    }

    /// <summary>The time that a person takes; it is the load and waits for nothing.</summary>
    private Task Away(int least, int most) => Task.Delay(TimeSpan.FromSeconds(least + ((most - least) * _random.NextDouble())));
}
