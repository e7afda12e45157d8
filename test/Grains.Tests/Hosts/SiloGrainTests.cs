using System.Net;
using System.Threading.Channels;
using Clinic.Streams;
using Clinic.Telemetry;
using Clinic.Topics;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Clinic.Hosts;

public sealed class SiloGrainTests : IHostBatchSender, ILocalSiloDetails, IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private static readonly TopicId One = TopicId.ForThread("north", "one");
    private static readonly TopicId Two = TopicId.ForThread("north", "two");
    private readonly Channel<(string Host, RelayItem Item)> _sent = Channel.CreateUnbounded<(string, RelayItem)>();
    private readonly List<(string Host, string Name)> _seen = [];
    private readonly HostOutbox _outbox;
    private readonly HostDirectory _hosts;
    private readonly SiloGrain _silo;

    public SiloGrainTests()
    {
        var time = new FakeTimeProvider();
        _outbox = new HostOutbox(this, this, Options.Create(new OutboxOptions()), time, new StreamMetrics(new NoMeters()), NullLogger<HostOutbox>.Instance);
        // Nobody falls silent here: neither the topics nor the other silos are asked.
        _hosts = new HostDirectory(null!, _outbox, null!, Options.Create(new HostLivenessOptions()), time, NullLogger<HostDirectory>.Instance);
        _silo = new SiloGrain(_hosts, _outbox);
    }

    public void Dispose()
    {
        _hosts.Dispose();
        _outbox.Dispose();
    }

    [Fact]
    public async Task A_signal_reaches_the_hosts_attached_to_its_topic_and_not_the_senders()
    {
        _hosts.Attached("a", One);
        _hosts.Attached("b", One);
        _hosts.Attached("c", One);
        _hosts.Attached("b", Two);
        _hosts.Heard("d");
        await _silo.SignalAsync("a", [Signal(One, "1"), Signal(Two, "2"), Signal(One, "3")]);
        Assert.Empty(await SignalsOfAsync("a"));
        Assert.Equal(["1", "2", "3"], await SignalsOfAsync("b"));
        Assert.Equal(["1", "3"], await SignalsOfAsync("c"));
        Assert.Empty(await SignalsOfAsync("d"));
    }

    [Fact]
    public async Task Nothing_goes_to_a_host_that_detached()
    {
        _hosts.Attached("a", One);
        _hosts.Attached("b", One);
        _hosts.Attached("b", Two);
        _hosts.Detached("b", One);
        await _silo.SignalAsync("a", [Signal(One, "1"), Signal(Two, "2")]);
        Assert.Equal(["2"], await SignalsOfAsync("b"));
        _hosts.Attached("b", One);
        await _silo.SignalAsync("a", [Signal(One, "3")]);
        Assert.Equal(["3"], await SignalsOfAsync("b"));
    }

    [Fact]
    public async Task A_signal_of_a_topic_that_is_not_here_is_dropped()
    {
        _hosts.Attached("b", Two);
        await _silo.SignalAsync("a", [Signal(One, "1")]);
        Assert.Empty(await SignalsOfAsync("b"));
    }

    Task IHostBatchSender.SendAsync(string host, HostBatch batch)
    {
        _outbox.Confirm(host, batch.Outbox, batch.Sequence);
        foreach (var item in batch.Items)
        {
            _sent.Writer.TryWrite((host, item));
        }

        return Task.CompletedTask;
    }

    string ILocalSiloDetails.Name => "silo";

    string ILocalSiloDetails.ClusterId => "cluster";

    string ILocalSiloDetails.DnsHostName => "localhost";

    SiloAddress ILocalSiloDetails.SiloAddress { get; } = SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 1), 1);

    SiloAddress ILocalSiloDetails.GatewayAddress => throw new NotSupportedException();

    private static SignalItem Signal(TopicId topic, string name) => new(topic, name, [], "u");

    /// <summary>The names of the signals that a host was sent up to now: what is emitted to it last comes last. Takes those of other hosts along.</summary>
    private async Task<List<string>> SignalsOfAsync(string host)
    {
        _outbox.Emit(host, new ReattachItem(One));
        while (!_seen.Contains((host, "end")))
        {
            var (to, item) = await _sent.Reader.ReadAsync().AsTask().WaitAsync(Limit);
            _seen.Add((to, item is SignalItem signal ? signal.Name : "end"));
        }

        List<string> names = [.. _seen.Where(s => s.Host == host && s.Name != "end").Select(s => s.Name)];
        _seen.RemoveAll(s => s.Host == host);
        return names;
    }
}
