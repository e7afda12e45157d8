using Clinic.Hosts;
using Clinic.Presence;
using Clinic.Storage;
using Clinic.Streams;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Clinic.Topics;

/// <summary>What every topic grain of a silo shares.</summary>
internal sealed class TopicServices(
    IEventStore store,
    EventCommitter committer,
    HostOutbox outbox,
    HostDirectory hosts,
    SiloDirectory silos,
    IOptions<EventLogOptions> log,
    IOptions<PresenceOptions> presence,
    TimeProvider time,
    TopicMetrics metrics,
    ILoggerFactory loggers)
{
    public IEventStore Store => store;

    public EventCommitter Committer => committer;

    public HostOutbox Outbox => outbox;

    public HostDirectory Hosts => hosts;

    public SiloDirectory Silos => silos;

    public EventLogOptions Log { get; } = log.Value;

    public PresenceOptions Presence { get; } = presence.Value;

    public TimeProvider Time => time;

    public TopicMetrics Metrics => metrics;

    public ILoggerFactory Loggers => loggers;
}
