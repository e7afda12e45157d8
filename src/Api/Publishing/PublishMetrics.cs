using System.Diagnostics.Metrics;
using Clinic.Topics;

namespace Clinic.Publishing;

/// <summary>What became of the events that backends published.</summary>
internal sealed class PublishMetrics
{
    private readonly Counter<long> _events;
    private readonly Counter<long> _retries;

    public PublishMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Clinic.Publishing");
        _events = meter.CreateCounter<long>("clinic.publishing.events", "{event}", "Publishes by backends, by how they ended.");
        _retries = meter.CreateCounter<long>("clinic.publishing.retries", "{retry}", "Calls to a topic that were repeated within a publish.");
    }

    public void Ended(PublishOutcome outcome) => _events.Add(1, new KeyValuePair<string, object?>("outcome", NameOf(outcome)));

    public void Retried() => _retries.Add(1);

    private static string NameOf(PublishOutcome outcome) => outcome switch
    {
        PublishOutcome.Accepted => "accepted",
        PublishOutcome.IdReused => "id_reused",
        PublishOutcome.Overloaded => "overloaded",
        _ => "unavailable",
    };
}
