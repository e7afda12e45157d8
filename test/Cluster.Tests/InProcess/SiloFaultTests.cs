using Clinic.Charts;
using Clinic.Streams;
using Clinic.Topics;

namespace Clinic.InProcess;

public sealed class SiloFaultTests(SiloCluster cluster) : IClassFixture<SiloCluster>
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("killed")]
    [InlineData("stopped")]
    [InlineData("added")]
    public async Task Every_acknowledged_event_arrives_once_and_in_order_and_nobody_is_shown_leaving_when_a_silo_is(string what)
    {
        TopicId[] topics = [.. Enumerable.Range(0, 12).Select(i => TopicId.ForThread("north", $"{what}-{i}"))];
        await using var here = await RelayHost.StartAsync(cluster.Client);
        await using var there = await RelayHost.StartAsync(cluster.Client);
        var ann = await here.ConnectAsync("ann", topics);
        var ben = await there.ConnectAsync("ben", topics);
        await ann.Sees("ben", Limit);

        var last = new long[topics.Length];
        for (var i = 0; i < 240; i++)
        {
            if (i == 60)
            {
                await (what switch
                {
                    "killed" => cluster.KillSiloOfAsync(topics[0]),
                    "stopped" => cluster.StopSiloOfAsync(topics[0]),
                    _ => cluster.AddSiloAsync(),
                });
            }

            last[i % topics.Length] = await cluster.PublishAsync(topics[i % topics.Length], $"e{i}", Limit);
        }

        foreach (var client in new[] { ann, ben })
        {
            for (var i = 0; i < topics.Length; i++)
            {
                await client.Reaches(topics[i], last[i], Limit);
            }

            Assert.Equal(20L * topics.Length, topics.Sum(client.OffsetOf));
            Assert.Empty(client.Faults);
            Assert.Empty(client.Left);
        }

        if (what != "added")
        {
            await cluster.AddSiloAsync();
        }
    }

    [Fact]
    public async Task Who_edits_goes_on_with_the_same_lease_and_who_looks_with_the_same_interval_when_the_charts_silo_is_killed()
    {
        TopicId[] charts = [.. Enumerable.Range(0, 6).Select(i => TopicId.ForPatient("north", $"edited-{i}"))];
        await using var here = await RelayHost.StartAsync(cluster.Client);
        await using var there = await RelayHost.StartAsync(cluster.Client);
        var ann = await here.ConnectAsync("ann", charts);
        var ben = await there.ConnectAsync("ben", charts);
        var (byAnn, byBen) = (EditorOf(ann), EditorOf(ben));
        var leases = new Dictionary<TopicId, string>();
        var intervals = new Dictionary<TopicId, AccessInterval[]>();
        foreach (var chart in charts)
        {
            leases[chart] = (await Patient(chart).BeginEditAsync(byAnn, "vitals")).Lease!;
            await Patient(chart).OpenedAsync("ann");
            await Patient(chart).OpenedAsync("ben");
            intervals[chart] = await OpenAsync(chart);
            Assert.Equal(["ann", "ben"], intervals[chart].Select(i => i.User).Order());
        }

        await cluster.KillSiloOfAsync(charts[0]);
        foreach (var chart in charts)
        {
            var refused = await SiloCluster.UntilAnsweredAsync(
                async () => await Patient(chart).BeginEditAsync(byBen, "vitals") is { HeldBy: not null } answer ? answer : throw new TimeoutException(),
                $"who holds the section of {chart}",
                Limit);
            Assert.Equal((false, "ann"), (refused.Granted, refused.HeldBy!.User));
            var again = await SiloCluster.UntilAnsweredAsync(
                async () => await Patient(chart).BeginEditAsync(byAnn, "vitals") is { Granted: true } answer ? answer : throw new TimeoutException(),
                $"whether ann still holds the section of {chart}",
                Limit);
            Assert.Equal(leases[chart], again.Lease);
            await SiloCluster.UntilAnsweredAsync(
                async () => (await Patient(chart).GetPresenceAsync()).Complete ? true : throw new TimeoutException(), $"whether {chart} is rebuilt", Limit);
            Assert.Equal(intervals[chart].ToHashSet(), (await OpenAsync(chart)).ToHashSet());
        }

        Assert.Empty(ann.Left);
        Assert.Empty(ben.Left);
        await cluster.AddSiloAsync();
    }

    [Fact]
    public async Task A_host_that_dies_takes_its_users_away_in_time_and_its_clients_go_on_elsewhere_without_a_hole()
    {
        TopicId[] topics = [.. Enumerable.Range(0, 6).Select(i => TopicId.ForThread("north", $"moved-{i}"))];
        var dying = await RelayHost.StartAsync(cluster.Client);
        await using var other = await RelayHost.StartAsync(cluster.Client);
        var ann = await other.ConnectAsync("ann", topics);
        var ben = await dying.ConnectAsync("ben", topics);
        var cid = await dying.ConnectAsync("cid", topics);
        await ann.Sees("cid", Limit);
        await cluster.PublishAsync(topics[0], "before", Limit);
        await ben.Reaches(topics[0], 1, Limit);

        await dying.DisposeAsync();
        await cluster.PublishAsync(topics[0], "meanwhile", Limit);
        var epoch = (await cluster.Client.GetTopic(topics[0]).ReadAsync(null)).Head.Epoch;
        var again = await other.ConnectAsync("ben");
        foreach (var topic in topics)
        {
            await again.SubscribeAsync(other.Relay, topic, new LogPosition(topic == topics[0] ? epoch : (await cluster.Client.GetTopic(topic).ReadAsync(null)).Head.Epoch, ben.OffsetOf(topic)));
        }

        await cluster.PublishAsync(topics[0], "after", Limit);
        await again.Reaches(topics[0], 3, Limit);
        Assert.Empty(again.Faults);
        await ann.SeesLeave("cid", TimeSpan.FromSeconds(10));
        Assert.DoesNotContain("ben", ann.Left);
        Assert.Empty(ann.Faults);
    }

    [Fact]
    public async Task A_host_whose_subscription_was_removed_because_it_was_taken_for_dead_subscribes_again()
    {
        var topic = TopicId.ForThread("north", "deaf");
        await using var host = await RelayHost.StartAsync(cluster.Client);
        var ann = await host.ConnectAsync("ann", topic);
        await ann.Reaches(topic, await cluster.PublishAsync(topic, "before", Limit), Limit);
        var handles = await cluster.Client.GetStreamProvider(HostStreams.Provider).GetStream<HostBatch>(host.Stream).GetAllSubscriptionHandles();
        Assert.NotEmpty(handles);
        await Task.WhenAll(handles.Select(h => h.UnsubscribeAsync()));

        await ann.Reaches(topic, await cluster.PublishAsync(topic, "deaf", Limit), Limit);
        await ann.Reaches(topic, await cluster.PublishAsync(topic, "after", Limit), Limit);
        Assert.NotEmpty(await cluster.Client.GetStreamProvider(HostStreams.Provider).GetStream<HostBatch>(host.Stream).GetAllSubscriptionHandles());
        Assert.Empty(ann.Faults);
    }

    [Fact]
    public async Task Signals_reach_the_other_host_in_order_and_do_so_again_after_their_silo_was_killed()
    {
        TopicId[] topics = [.. Enumerable.Range(0, 12).Select(i => TopicId.ForThread("north", $"signals-{i}"))];
        await using var here = await RelayHost.StartAsync(cluster.Client);
        await using var there = await RelayHost.StartAsync(cluster.Client);
        var ann = await here.ConnectAsync("ann", topics);
        var ben = await there.ConnectAsync("ben", topics);
        for (var i = 0; i < 50; i++)
        {
            SignalAll($"{i:00}");
        }

        await ben.Hears("49", topics.Length, Limit);
        foreach (var topic in topics)
        {
            Assert.Equal(Enumerable.Range(0, 50).Select(i => $"{topic.WireName} {i:00}"), ben.Heard.Where(h => h.StartsWith($"{topic.WireName} ", StringComparison.Ordinal)));
        }

        Assert.Empty(ann.Heard);

        await cluster.KillSiloOfAsync(topics[0]);
        foreach (var topic in topics)
        {
            var offset = await cluster.PublishAsync(topic, "after", Limit);
            await ann.Reaches(topic, offset, Limit);
            await ben.Reaches(topic, offset, Limit);
        }

        SignalAll("after");
        await ben.Hears("after", topics.Length, Limit);
        await cluster.AddSiloAsync();

        void SignalAll(string name)
        {
            foreach (var topic in topics)
            {
                here.Relay.Signal(new SignalItem(topic, name, "{}"u8.ToArray(), "ann"), ann.Connection.Id);
            }
        }
    }

    private static Editor EditorOf(RelayedClient client) => new(client.Connection.Id, client.Connection.User, client.Connection.User);

    private IPatientGrain Patient(TopicId chart) => cluster.Client.GetGrain<IPatientGrain>(chart.Key);

    private async Task<AccessInterval[]> OpenAsync(TopicId chart) => [.. await cluster.Charts.ReadOpenAsync(chart, CancellationToken.None)];
}
