using System.Security.Cryptography;
using System.Text;
using Clinic.Storage;
using Microsoft.Extensions.Logging;

namespace Clinic.Topics;

/// <summary>
/// Writes one topic's log: takes drafts, numbers them, has them committed, and only then tells of them. It runs in its grain's turns; one commit
/// is under way at a time, and what comes meanwhile joins the next.
/// </summary>
/// <remarks>
/// After a commit whose outcome is unknown, or one that was refused, the stored log is read again before anything else is numbered. Events
/// found there that nobody was told of are told then, so that offsets never jump for a subscriber. Ids are looked up only then, too: most are new, and the commit itself
/// refuses one that is not.
/// </remarks>
internal sealed partial class TopicJournal(
    TopicId topic, IEventStore store, EventCommitter committer, EventLogOptions options, TimeProvider time, TopicMetrics metrics, ILogger logger)
{
    private const int MaxAttempts = 3;
    private const int TrimEvery = 256;
    private const int MaxReads = 3;

    /// <summary>What one commit may hold and a little more: it travels to the hosts in one message.</summary>
    private const int MaxCommitBytes = 4 * 1024 * 1024;

    /// <summary>Small enough that a page of the largest events is no burden, large enough that most recoveries are one.</summary>
    private const int ReadPage = 250;
    private readonly EventLog _log = new(options);
    private readonly LinkedList<StagedEvent> _staged = new();
    private readonly Dictionary<string, StagedEvent> _stagedIds = [];
    private readonly List<TaskCompletionSource> _drains = [];
    private bool _inStep;
    private bool _refused;
    private bool _mustCatchUp;
    private Task _run = Task.CompletedTask;
    private long _untrimmed;
    private int _attempts;

    /// <summary>Called in a grain's turn with what was committed, in order, each event once per life of this object.</summary>
    public Action<string, TopicEvent[]>? Told { get; set; }

    /// <summary>Called in a grain's turn when the journal does not know any more what is stored; <see cref="CatchUp"/> has to be called until it does.</summary>
    public Action? FellBehind { get; set; }

    /// <summary>The last given position; only after <see cref="LoadAsync"/>.</summary>
    public LogPosition Head => _log.Head;

    /// <summary>Learns where the stored log ends.</summary>
    public async Task LoadAsync()
    {
        _log.Restart(await store.ReadHeadAsync(topic, CancellationToken.None));
        // A topic that is active for a few events a day has to be trimmed too.
        _untrimmed = Head.Offset > options.KeepEvents ? TrimEvery : 0;
        _inStep = true;
    }

    /// <summary>Commits one event.</summary>
    public Task<PublishResult> PublishAsync(EventDraft draft)
    {
        if (_staged.Count >= options.MaxWaiting)
        {
            return Task.FromResult(new PublishResult(PublishOutcome.Overloaded, "", 0));
        }

        var hash = draft.Id is null ? null : HashOf(draft);
        if (draft.Id is not null && _stagedIds.TryGetValue(draft.Id, out var first))
        {
            // The same publish came again while the first is still under way: one event, one answer.
            return first.Hash.AsSpan().SequenceEqual(hash)
                ? first.Done.Task
                : Task.FromResult(new PublishResult(PublishOutcome.IdReused, "", 0));
        }

        var staged = new StagedEvent(draft, hash);
        _staged.AddLast(staged);
        if (draft.Id is not null)
        {
            _stagedIds[draft.Id] = staged;
        }

        Run();
        return staged.Done.Task;
    }

    /// <summary>Takes the pending events of record writes into the log; done when those stored at the time of the call are committed.</summary>
    /// <exception cref="System.Data.Common.DbException">The database failed; they stay pending.</exception>
    public Task DrainAsync()
    {
        var drain = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _drains.Add(drain);
        Run();
        return drain.Task;
    }

    /// <summary>
    /// Reads what is stored if that is not known: a commit whose answer was lost may hold events that nobody was told of, and nobody may come to publish the next one for hours.
    /// </summary>
    public void CatchUp()
    {
        if (!_inStep)
        {
            _mustCatchUp = true;
            Run();
        }
    }

    /// <summary>What came after a position, from memory if it is there, else from the database.</summary>
    public async Task<LogSlice> ReadAsync(LogPosition? since)
    {
        if (since is not { } position)
        {
            return new LogSlice(Head, false, []);
        }

        if (_log.TryRecover(position) is { } known)
        {
            return known;
        }

        for (var read = 1; ; read++)
        {
            var head = Head;
            if (await ReadStoredAsync(position.Offset) is not { } stored)
            {
                return new LogSlice(Head, false, []);
            }

            _log.Preload(stored);
            if (_log.TryRecover(position) is { } kept)
            {
                return kept;
            }

            // Commits may have gone on meanwhile; they are in memory by now, unless there were more of them than it holds. Who reads a topic that
            // is so busy that this happens again and again has to reload: reading it without end would help nobody.
            var slice = _log.Recover(position, stored);
            if (slice.Recovered || head == Head || read == MaxReads)
            {
                return slice;
            }
        }
    }

    /// <summary>All stored events after an offset, a page at a time; null when they are too large for one answer.</summary>
    private async Task<List<TopicEvent>?> ReadStoredAsync(long after)
    {
        var events = new List<TopicEvent>();
        var bytes = 0L;
        while (true)
        {
            var page = await store.ReadAsync(topic, after, ReadPage, CancellationToken.None);
            events.AddRange(page);
            bytes += page.Sum(e => (long)e.Data.Length);
            if (bytes > options.MaxRecoveryBytes)
            {
                return null;
            }

            if (page.Count < ReadPage)
            {
                return events;
            }

            after = page[^1].Offset;
        }
    }

    private void Run()
    {
        if (_run.IsCompleted)
        {
            _run = RunAsync();
        }
    }

    private async Task RunAsync()
    {
        while (_staged.Count > 0 || _drains.Count > 0 || _mustCatchUp)
        {
            _mustCatchUp = false;
            List<StagedEvent> batch = [];
            List<TaskCompletionSource> drains = [.. _drains];
            try
            {
                if (!_inStep)
                {
                    await CatchUpAsync();
                }

                var pending = drains.Count > 0 ? await store.ReadPendingAsync(topic, options.MaxCommit, CancellationToken.None) : [];
                batch = TakeBatch();
                if (await CommitAsync(pending, batch))
                {
                    _attempts = 0;
                    if (pending.Count < options.MaxCommit)
                    {
                        _drains.RemoveRange(0, drains.Count);
                        drains.ForEach(d => d.TrySetResult());
                    }
                }
                else if (++_attempts < MaxAttempts)
                {
                    PutBack(batch);
                }
                else
                {
                    throw new InvalidOperationException("Another writer keeps appending to this log.");
                }
            }
            catch (Exception e)
            {
                // The publishers are told that it failed; what they do about it is theirs. Nothing is lost that was acknowledged.
                _inStep = false;
                _attempts = 0;
                metrics.CommitFailed();
                CommitFailed(logger, topic.Key, batch.Count, e);
                foreach (var staged in batch)
                {
                    Answer(staged, new PublishResult(PublishOutcome.Unavailable, "", 0));
                }

                _drains.RemoveRange(0, drains.Count);
                drains.ForEach(d => d.TrySetException(e));
                if (batch.Count == 0)
                {
                    FailStaged();
                }

                FellBehind?.Invoke();
            }
        }
    }

    private async Task<bool> CommitAsync(IReadOnlyList<PendingEvent> pending, List<StagedEvent> batch)
    {
        if (_refused)
        {
            var used = await FindUsedAsync(batch);
            batch.RemoveAll(staged => AnswerIfUsed(staged, used));
        }

        if (pending.Count + batch.Count == 0)
        {
            return true;
        }

        var started = time.GetTimestamp();
        var now = TrimToMilliseconds(time.GetUtcNow());
        var offset = Head.Offset;
        var events = new List<TopicEvent>(pending.Count + batch.Count);
        var ids = new List<NewEventId>();
        foreach (var p in pending)
        {
            events.Add(new TopicEvent(p.Type, p.Id, ++offset, now, p.Data, p.By));
        }

        foreach (var staged in batch)
        {
            var draft = staged.Draft;
            events.Add(new TopicEvent(draft.Type, draft.Id ?? Guid.CreateVersion7(now).ToString("N"), ++offset, now, draft.Data, draft.By));
            if (draft.Id is not null)
            {
                ids.Add(new NewEventId(draft.Id, staged.Hash!, offset, now + options.RememberIds));
            }
        }

        if (!await committer.AppendAsync(new LogAppend(topic, Head, events, ids, [.. pending.Select(p => p.Sequence)])))
        {
            _refused = true;
            _inStep = false;
            return false;
        }

        _refused = false;
        Tell([.. events]);
        metrics.Committed(events.Count, time.GetElapsedTime(started));
        for (var i = 0; i < batch.Count; i++)
        {
            Answer(batch[i], new PublishResult(PublishOutcome.Accepted, Head.Epoch, events[pending.Count + i].Offset));
        }

        await TrimAsync(events.Count, now);
        return true;
    }

    private void Tell(TopicEvent[] events)
    {
        _log.Append(events);
        Told?.Invoke(Head.Epoch, events);
    }

    /// <summary>Reads what the stored log has beyond what was told: own commits whose answer was lost, or another activation's.</summary>
    private async Task CatchUpAsync()
    {
        var stored = await store.ReadHeadAsync(topic, CancellationToken.None);
        if (stored.Epoch != Head.Epoch)
        {
            _log.Restart(stored);
        }

        if (_refused && stored != Head)
        {
            metrics.Conflicted();
        }

        while (Head.Offset < stored.Offset)
        {
            var events = await store.ReadAsync(topic, Head.Offset, options.MaxCommit, CancellationToken.None);
            if (events.Count == 0 || events[0].Offset != Head.Offset + 1)
            {
                // Trimmed away by then: hosts find the hole by themselves and tell their clients to reload.
                _log.Restart(stored);
                break;
            }

            Tell([.. events.Where(e => e.Offset <= stored.Offset)]);
        }

        _inStep = true;
    }

    private async Task<IReadOnlyDictionary<string, UsedEventId>> FindUsedAsync(List<StagedEvent> batch)
    {
        string[] ids = [.. batch.Where(s => s.Draft.Id is not null).Select(s => s.Draft.Id!)];
        return ids.Length == 0
            ? new Dictionary<string, UsedEventId>()
            : await store.FindIdsAsync(topic, ids, CancellationToken.None);
    }

    private bool AnswerIfUsed(StagedEvent staged, IReadOnlyDictionary<string, UsedEventId> used)
    {
        if (staged.Draft.Id is null || !used.TryGetValue(staged.Draft.Id, out var before))
        {
            return false;
        }

        Answer(
            staged,
            before.Hash.AsSpan().SequenceEqual(staged.Hash)
                ? new PublishResult(PublishOutcome.Accepted, Head.Epoch, before.Offset)
                : new PublishResult(PublishOutcome.IdReused, "", 0));
        return true;
    }

    private List<StagedEvent> TakeBatch()
    {
        var batch = new List<StagedEvent>();
        var bytes = 0;
        while (batch.Count < options.MaxCommit && bytes < MaxCommitBytes && _staged.First is { } first)
        {
            bytes += first.Value.Draft.Data.Length;
            _staged.RemoveFirst();
            batch.Add(first.Value);
        }

        return batch;
    }

    private void PutBack(List<StagedEvent> batch)
    {
        for (var i = batch.Count - 1; i >= 0; i--)
        {
            _staged.AddFirst(batch[i]);
        }
    }

    private void FailStaged()
    {
        foreach (var staged in TakeBatch())
        {
            Answer(staged, new PublishResult(PublishOutcome.Unavailable, "", 0));
        }
    }

    private void Answer(StagedEvent staged, PublishResult result)
    {
        if (staged.Draft.Id is not null)
        {
            _stagedIds.Remove(staged.Draft.Id);
        }

        staged.Done.TrySetResult(result);
    }

    private async Task TrimAsync(int added, DateTimeOffset now)
    {
        _untrimmed += added;
        if (_untrimmed < TrimEvery)
        {
            return;
        }

        _untrimmed = 0;
        try
        {
            await store.TrimAsync(topic, options.KeepEvents, now - options.KeepFor, CancellationToken.None);
        }
        catch (Exception e)
        {
            // Only space: the next round trims what this one left.
            TrimFailed(logger, topic.Key, e);
        }
    }

    private static DateTimeOffset TrimToMilliseconds(DateTimeOffset at) => at.AddTicks(-(at.Ticks % TimeSpan.TicksPerMillisecond));

    private static byte[] HashOf(EventDraft draft)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{draft.Type}\0{draft.By}\0"));
        hash.AppendData(draft.Data);
        return hash.GetHashAndReset();
    }

    [LoggerMessage(1, LogLevel.Warning, "Topic {Topic} could not commit {Count} events; their publishers were told.")]
    private static partial void CommitFailed(ILogger logger, string topic, int count, Exception e);

    [LoggerMessage(2, LogLevel.Warning, "Topic {Topic} could not trim its log; it will try again.")]
    private static partial void TrimFailed(ILogger logger, string topic, Exception e);

    private sealed record StagedEvent(EventDraft Draft, byte[]? Hash)
    {
        public TaskCompletionSource<PublishResult> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
