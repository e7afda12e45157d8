using System.Collections.Frozen;
using System.Data.Common;
using Clinic.Presence;
using Clinic.Topics;
using Microsoft.Extensions.Logging;

namespace Clinic.Escalation;

/// <summary>Asks a clinic's topic who is present.</summary>
internal delegate Task<PresenceSnapshot> AskClinic(TopicId tenant);

/// <summary>Has a user's topic take its pending events.</summary>
internal delegate Task TellUser(TopicId user);

/// <summary>Takes the steps that are due. It may run on several silos at once: the rows decide which of them takes a step.</summary>
internal sealed partial class Escalator(
    EscalationStore store, AskClinic ask, TellUser tell, EscalationMetrics metrics, TimeProvider time, ILogger<Escalator> logger)
{
    /// <summary>Matters of one query.</summary>
    private const int Page = 100;

    /// <summary>Steps side by side: a few of the connections that a process has, so that grains and routes keep theirs.</summary>
    private const int Concurrent = 4;

    /// <summary>A clinic that does not say in time who is present must not make a step late; the list's order decides then.</summary>
    private static readonly TimeSpan AskLimit = TimeSpan.FromMilliseconds(300);

    /// <summary>Takes every step that was due <paramref name="overdue"/> ago, oldest first.</summary>
    /// <exception cref="DbException">The database can't be reached.</exception>
    public async Task RunRoundAsync(TimeSpan overdue, CancellationToken stopping)
    {
        for (Matter? last = null; ;)
        {
            // What fails stays due and is met again in the next round; this one goes on behind it.
            var due = await store.FindDueAsync(Now() - overdue, last, Page, stopping);
            await StepAllAsync(due, stopping);
            if (due.Count < Page)
            {
                return;
            }

            last = due[^1];
        }
    }

    private async Task StepAllAsync(IReadOnlyList<Matter> due, CancellationToken stopping)
    {
        var clinics = await Task.WhenAll(due.Select(m => m.Tenant).Distinct().Select(async t => (Tenant: t, Present: await AskAsync(t, stopping))));
        var present = clinics.ToDictionary(c => c.Tenant, c => c.Present, StringComparer.Ordinal);
        await Parallel.ForEachAsync(
            due,
            new ParallelOptions { MaxDegreeOfParallelism = Concurrent, CancellationToken = stopping },
            async (matter, cancellation) => await StepAsync(matter, present[matter.Tenant], cancellation));
    }

    private async Task StepAsync(Matter matter, IReadOnlyDictionary<string, PresenceStatus> present, CancellationToken cancellation)
    {
        EscalationOutcome? outcome;
        try
        {
            outcome = await store.StepAsync(matter, present, Now(), cancellation);
        }
        catch (Exception e) when (e is not (OperationCanceledException or DbException { IsTransient: true }))
        {
            // One row's fault is not the others'; an outage ends the round.
            metrics.Failed();
            StepFailed(matter.Id, matter.Step + 1, e);
            return;
        }

        if (outcome is not null)
        {
            metrics.Stepped(outcome.Step.Reason, outcome.Step.At - outcome.Matter.DueAt);
            Escalated(matter.Id, outcome.Step.Number, outcome.Step.From, outcome.Step.To, outcome.Step.Reason);
            foreach (var topic in outcome.Told)
            {
                _ = TellAsync(topic);
            }
        }
    }

    private async Task<IReadOnlyDictionary<string, PresenceStatus>> AskAsync(string tenant, CancellationToken stopping)
    {
        try
        {
            var snapshot = await ask(TopicId.ForTenant(tenant)).WaitAsync(AskLimit, time, stopping);
            return snapshot.Entries.ToDictionary(e => e.User, e => e.Status, StringComparer.Ordinal);
        }
        catch (Exception e) when (!stopping.IsCancellationRequested)
        {
            NotAsked(tenant, e.GetType().Name);
            return FrozenDictionary<string, PresenceStatus>.Empty;
        }
    }

    /// <summary>Nothing waits for it: what is not told now the silos' chores find by the age of the rows.</summary>
    private async Task TellAsync(TopicId topic)
    {
        try
        {
            await tell(topic);
        }
        catch (Exception e)
        {
            NotTold(topic.Key, e.GetType().Name);
        }
    }

    /// <summary>Whole milliseconds: what both databases store and what clients see.</summary>
    private DateTimeOffset Now()
    {
        var now = time.GetUtcNow();
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMillisecond));
    }

    [LoggerMessage(1, LogLevel.Information, "Notification {Matter}: step {Step}, from {From} to {To}, {Reason}.")]
    private partial void Escalated(string matter, int step, string from, string to, string reason);

    [LoggerMessage(2, LogLevel.Error, "Notification {Matter}: step {Step} failed. It is tried again.")]
    private partial void StepFailed(string matter, int step, Exception error);

    [LoggerMessage(3, LogLevel.Warning, "Clinic {Tenant} did not say who is present: {Reason}. The order of the list decides.")]
    private partial void NotAsked(string tenant, string reason);

    [LoggerMessage(4, LogLevel.Warning, "{Topic} did not take the events of a step: {Reason}. They are stored and are taken later.")]
    private partial void NotTold(string topic, string reason);
}
