using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Clinic.Publisher;

/// <summary>Takes events from the publishing code into the queue, and keeps each topic's lane going until it is empty.</summary>
internal sealed class QueuedPublisher(
    EventQueue queue, EventDelivery delivery, IOptions<ClinicPublisherOptions> options, PublisherMetrics metrics, PublisherReport report, TimeProvider time)
    : IClinicPublisher, IHostedService, IAsyncDisposable, IDisposable
{
    private readonly CancellationTokenSource _end = new();
    private int _ended;

    /// <inheritdoc/>
    public bool Publish(string tenant, string topic, string type, object? data, string? id = null)
    {
        if (EventForm.Fault(tenant, topic, type, id) is { } field)
        {
            // What is malformed is not repeated in the log: it may be anything, of any length.
            return Drop(DropReason.Invalid, null, null, field);
        }

        byte[] json;
        try
        {
            json = JsonSerializer.SerializeToUtf8Bytes(data, options.Value.Json);
        }
        catch (Exception e)
        {
            // Whatever a getter or a converter throws: the request that publishes has done its work and does not pay for it.
            return Drop(DropReason.Invalid, id, topic, $"data, {e.GetType().Name}");
        }

        id ??= Guid.CreateVersion7(time.GetUtcNow()).ToString();
        if (json.Length > OutgoingEvent.MaxDataBytes)
        {
            return Drop(DropReason.TooLarge, id, topic, $"{json.Length} bytes");
        }

        return Enqueue(new OutgoingEvent(tenant, topic, type, id, json, time.GetTimestamp()));
    }

    /// <summary>Nothing to start: lanes begin with their first event.</summary>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Takes in nothing more, waits for the queue to become empty, and says what was left when it did not.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _ended) == 1)
        {
            // A host stops, and then disposes of what it stopped: what was left then is left for good.
            return;
        }

        var emptied = queue.CloseAsync();
        try
        {
            await emptied.WaitAsync(options.Value.DrainTimeout, time, cancellationToken);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            // Told by End.
        }

        End();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        Dispose();
    }

    public void Dispose()
    {
        _ = queue.CloseAsync();
        End();
    }

    private void End()
    {
        if (Interlocked.Exchange(ref _ended, 1) == 1)
        {
            return;
        }

        _end.Cancel();
        if (queue.Count is > 0 and var left)
        {
            metrics.Dropped(DropReason.Stopped, left);
            report.Left(left);
        }
    }

    private bool Enqueue(OutgoingEvent added)
    {
        switch (queue.Add(added))
        {
            case Admission.Full:
                return Drop(DropReason.Full, added.Id, added.Topic, "Capacity or MaxQueuedBytes");
            case Admission.Closed:
                return Drop(DropReason.Stopped, added.Id, added.Topic, "published while stopping");
            case Admission.Starts:
                // A lane outlives the request that began it and must not carry its context along.
                using (ExecutionContext.SuppressFlow())
                {
                    _ = Task.Run(() => RunLaneAsync(added), CancellationToken.None);
                }

                break;
        }

        metrics.Queued();
        return true;
    }

    private async Task RunLaneAsync(OutgoingEvent first)
    {
        for (var current = first; current is not null; current = queue.Next(current))
        {
            try
            {
                Conclude(current, await delivery.DeliverAsync(current, _end.Token));
            }
            catch (OperationCanceledException) when (_end.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                metrics.Dropped(DropReason.Failed);
                report.Failed(current, e);
            }
        }
    }

    private void Conclude(OutgoingEvent concluded, Attempt last)
    {
        switch (last.Verdict)
        {
            case Verdict.Delivered:
                metrics.Delivered(time.GetElapsedTime(concluded.Queued));
                break;
            case Verdict.Expired:
                Drop(DropReason.Expired, concluded.Id, concluded.Topic, "GiveUpAfter");
                break;
            default:
                Drop(DropReason.Refused, concluded.Id, concluded.Topic, last.Reason);
                break;
        }
    }

    private bool Drop(DropReason reason, string? id, string? topic, string detail)
    {
        metrics.Dropped(reason);
        report.Dropped(reason, id, topic, detail);
        return false;
    }
}
