using Clinic.Storage;

namespace Clinic.Topics;

/// <summary>What a commit meets.</summary>
internal enum Fault
{
    None,

    /// <summary>It fails and nothing is stored.</summary>
    BeforeCommit,

    /// <summary>It is stored, and the answer is lost.</summary>
    AfterCommit,

    /// <summary>Another writer of the same log was faster.</summary>
    OtherWriter,
}

/// <summary>One topic's log in memory, that fails as the test says.</summary>
internal sealed class FaultyStore : IEventStore
{
    public const string Epoch = "log";

    private readonly Lock _lock = new();
    private readonly List<TopicEvent> _events = [];
    private readonly List<PendingEvent> _pending = [];
    private readonly Dictionary<string, UsedEventId> _ids = [];
    private long _pendingSequence;
    private int _others;

    /// <summary>What the next commit meets.</summary>
    public Func<Fault> OnAppend { get; set; } = () => Fault.None;

    /// <summary>Called before a commit is looked at; a commit that is to take long waits here.</summary>
    public Func<Task> BeforeAppend { get; set; } = () => Task.CompletedTask;

    /// <summary>Called when a query of the log has its answer and before it gives it.</summary>
    public Func<Task> AfterRead { get; set; } = () => Task.CompletedTask;

    /// <summary>Whether queries fail.</summary>
    public Func<bool> QueryFails { get; set; } = () => false;

    public bool TrimFails { get; set; }

    public int Reads { get; private set; }

    public int Trims { get; private set; }

    public int Appends { get; private set; }

    public IReadOnlyList<TopicEvent> Events
    {
        get
        {
            lock (_lock)
            {
                return [.. _events];
            }
        }
    }

    public int Pending
    {
        get
        {
            lock (_lock)
            {
                return _pending.Count;
            }
        }
    }

    public void AddPending(string id)
    {
        lock (_lock)
        {
            _pending.Add(new PendingEvent(++_pendingSequence, id, "record", "{}"u8.ToArray(), null));
        }
    }

    public void Fill(int events, int bytes = 2)
    {
        var data = new byte[bytes];
        lock (_lock)
        {
            for (var i = 0; i < events; i++)
            {
                _events.Add(new TopicEvent("t", $"old{_events.Count + 1}", _events.Count + 1, DateTimeOffset.UnixEpoch, data, null));
            }
        }
    }

    public Task<LogPosition> ReadHeadAsync(TopicId topic, CancellationToken cancellation) => Query(() => new LogPosition(Epoch, _events.Count));

    public async Task<IReadOnlyList<TopicEvent>> ReadAsync(TopicId topic, long after, int limit, CancellationToken cancellation)
    {
        Reads++;
        var found = await Query<IReadOnlyList<TopicEvent>>(() => [.. _events.Where(e => e.Offset > after).Take(limit)]);
        await AfterRead();
        return found;
    }

    public Task<IReadOnlyDictionary<string, UsedEventId>> FindIdsAsync(TopicId topic, IReadOnlyList<string> ids, CancellationToken cancellation) =>
        Query<IReadOnlyDictionary<string, UsedEventId>>(() => ids.Where(_ids.ContainsKey).ToDictionary(id => id, id => _ids[id]));

    public Task<IReadOnlyList<PendingEvent>> ReadPendingAsync(TopicId topic, int limit, CancellationToken cancellation) =>
        Query<IReadOnlyList<PendingEvent>>(() => [.. _pending.Take(limit)]);

    public Task<IReadOnlyList<TopicId>> FindTopicsWithPendingAsync(DateTimeOffset before, int limit, CancellationToken cancellation) => throw new NotSupportedException();

    public async Task<bool[]> AppendAsync(IReadOnlyList<LogAppend> appends, CancellationToken cancellation)
    {
        await BeforeAppend();
        var append = appends.Single();
        lock (_lock)
        {
            Appends++;
            var fault = OnAppend();
            if (fault == Fault.BeforeCommit)
            {
                throw new IOException("The database is gone.");
            }

            if (fault == Fault.OtherWriter)
            {
                _events.Add(new TopicEvent("t", $"other{++_others}", _events.Count + 1, DateTimeOffset.UnixEpoch, "{}"u8.ToArray(), null));
            }

            var happened = append.Expected.Offset == _events.Count && !append.UsedIds.Any(id => _ids.ContainsKey(id.Id));
            if (happened)
            {
                _events.AddRange(append.Events);
                _pending.RemoveAll(p => append.PendingTaken.Contains(p.Sequence));
                foreach (var id in append.UsedIds)
                {
                    _ids.Add(id.Id, new UsedEventId(id.Hash, id.Offset));
                }
            }

            return fault == Fault.AfterCommit ? throw new IOException("The answer got lost.") : [happened];
        }
    }

    public Task TrimAsync(TopicId topic, int keep, DateTimeOffset before, CancellationToken cancellation)
    {
        Trims++;
        return TrimFails ? Task.FromException(new IOException("The database is gone.")) : Task.CompletedTask;
    }

    public Task<int> ExpireIdsAsync(DateTimeOffset now, int limit, CancellationToken cancellation) => throw new NotSupportedException();

    /// <summary>Answers later, as a database does.</summary>
    private async Task<T> Query<T>(Func<T> read)
    {
        await Task.Yield();
        lock (_lock)
        {
            return QueryFails() ? throw new IOException("The database is gone.") : read();
        }
    }
}
