using Clinic.Charts;
using Clinic.Presence;
using Clinic.Streams;
using Clinic.Topics;

namespace Clinic.Realtime;

/// <summary>
/// One topic on this host: where its clients are in its log, who of them receives it, and what this host's connections add to its presence. It runs on its shard
/// alone; calls to the grain come back to the shard as work.
/// </summary>
/// <remarks>
/// The position only ever moves by one. Whatever comes over the stream is checked against it: known events are dropped, a hole is closed from the log, and one that can't be
/// closed resets the clients. So the stream may lose, repeat and swap, and clients see none of it.
/// </remarks>
internal sealed class RelayedTopic(TopicId topic, RelayShard shard)
{
    /// <summary>What may wait for a hole to be closed; more is read from the log instead.</summary>
    private const int MaxEarly = 5000;

    /// <summary>So many receivers cost little enough to send to them each time.</summary>
    private const int FewReceivers = 50;

    /// <summary>No event waits longer for others to go out with.</summary>
    private static readonly TimeSpan MaxSendPause = TimeSpan.FromMilliseconds(50);

    /// <summary>Signals that wait for a call to the grain, while it is not known which silo the topic is on.</summary>
    private const int MaxSignals = 1000;

    private readonly string _name = topic.WireName;
    private readonly ITopicGrain _grain = shard.Grains.GetTopic(topic);
    private readonly RelayedPresence _presence = new();
    private readonly TopicAudience _audience = new(topic.WireName, shard.Metrics);
    private readonly LocalPresence _local = new();
    private readonly List<Joiner> _joiners = [];
    private readonly List<RelayItem> _early = [];
    private readonly List<SignalItem> _signals = [];
    private WireSnapshot? _snapshot;
    private LogPosition? _position;
    private bool _attachNeeded = true;
    private string _attachReason = "first";
    private bool _calling;
    private bool _repairing;
    private bool _repairWanted;
    private DateTimeOffset _repairAt;
    private bool _signalling;

    /// <summary>Where its signals go: the silo of the last attach, if none is under way since.</summary>
    private string? _signalSilo;

    private DateTimeOffset _retryAt;
    private long? _sentAt;
    private DateTimeOffset _unusedSince = DateTimeOffset.MaxValue;

    public TopicId Topic => topic;

    /// <summary>The outbox that emits this topic to the host; null before the first attach.</summary>
    public string? Outbox { get; private set; }

    /// <summary>The silo of that outbox.</summary>
    public string? Silo { get; private set; }

    /// <summary>How long what waits is still kept so that more goes out with it; zero or less for not any longer. Nobody who subscribes waits for that.</summary>
    public TimeSpan SendPause
    {
        get
        {
            if (_sentAt is not { } sent || _joiners.Count > 0 || _audience.Count <= FewReceivers)
            {
                return TimeSpan.Zero;
            }

            var pause = (_audience.Count - FewReceivers) * shard.Options.SendPause;
            return (pause < MaxSendPause ? pause : MaxSendPause) - shard.Since(sent);
        }
    }

    /// <summary>Whether somebody here takes part in it, or the grain has not heard yet that somebody left.</summary>
    private bool IsWanted => _audience.Count + _joiners.Count + _local.Count > 0 || _local.IsDirty;

    /// <summary>Starts a subscription; its answer comes when this host is where the topic is.</summary>
    public void Join(Joiner joiner)
    {
        _joiners.Add(joiner);
        if (_position is { } position)
        {
            joiner.BufferedFrom = position.Offset;
            Read(joiner);
        }

        Sync();
    }

    /// <summary>Nobody waits for the answer any more.</summary>
    public void Abandon(Joiner joiner) => _joiners.Remove(joiner);

    public void Unsubscribe(string connection)
    {
        _joiners.RemoveAll(j => j.Connection.Id == connection && j.Cancel());
        if (_audience.Remove(connection))
        {
            Sync();
        }
    }

    /// <summary>A connection's presence on the topic, new or changed; <paramref name="told"/> is set when the grain has it.</summary>
    public void Contribute(ConnectionPresence presence, TaskCompletionSource? told)
    {
        _local.Set(presence, told);
        Sync();
    }

    public void Withdraw(string connection, DepartureKind kind, TaskCompletionSource? told)
    {
        _local.Remove(connection, kind, shard.Now, told);
        Sync();
    }

    /// <summary>Passes a signal to this host's other subscribers, and to the other hosts.</summary>
    public void Signal(SignalItem signal, string fromConnection)
    {
        _audience.Signal(signal, fromConnection);
        shard.MustFlush(this);
        if (_signals.Count == MaxSignals)
        {
            // The grain does not answer, and what is this old helps nobody: signals are best effort.
            _signals.Clear();
        }

        _signals.Add(signal);
        SendSignals();
    }

    /// <summary>This host's copy of the presence; false while there is none.</summary>
    public bool TryGetPresence(out WirePresence presence)
    {
        presence = new WirePresence(_presence.Epoch, _presence.Version, [.. _presence.Entries.Select(WireEntry.From)]);
        return _position is not null;
    }

    /// <summary>Something a silo's outbox brought.</summary>
    public void Take(RelayItem item)
    {
        if (item is ReattachItem)
        {
            AttachAgain("moved");
            if (!IsWanted && !_calling)
            {
                // It waits for this host's word, and there is nobody here.
                Detach();
            }
        }
        else if (item is SignalItem signal)
        {
            _audience.Signal(signal, null);
        }
        else if (_position is null)
        {
            KeepEarly(item);
        }
        else if (item is EventsItem events)
        {
            TakeEvents(events);
        }
        else if (item is PresenceItem { Diff: var diff })
        {
            TakeDiff(diff);
        }
        else if (item is SnapshotItem { Snapshot: var snapshot })
        {
            TakeSnapshot(snapshot);
        }
    }

    /// <summary>The grain may have moved, or this host may have missed something: attaches again, and compares.</summary>
    public void AttachAgain(string reason)
    {
        _attachNeeded = true;
        _attachReason = reason;
        Sync();
    }

    /// <summary>Sends on what was taken since the last time, together.</summary>
    public void Flush()
    {
        if (_audience.Flush())
        {
            _sentAt = shard.Timestamp;
        }

        foreach (var joiner in _joiners.ToArray())
        {
            TryComplete(joiner);
        }
    }

    /// <summary>What time brings: attempts that failed are repeated, a subscriber that waits for the stream too long is helped from the log.</summary>
    public void Tick(DateTimeOffset now)
    {
        if (_repairWanted || (_position is { } position && _joiners.Any(j => j.Slice is { } slice && slice.Head.Offset > position.Offset)))
        {
            Repair();
        }

        TellPresence(_presence.Expire(now));
        Sync();
        if (IsWanted || _calling)
        {
            _unusedSince = DateTimeOffset.MaxValue;
        }
        else if (_unusedSince == DateTimeOffset.MaxValue)
        {
            _unusedSince = now;
        }
        else if (now - _unusedSince >= shard.Options.Linger && now >= _retryAt)
        {
            Detach();
        }
    }

    /// <summary>Tells the grain that this host has no use for the topic; it is forgotten when the grain knows.</summary>
    private void Detach()
    {
        _calling = true;
        var sequence = shard.NextSequence();
        shard.Call(
            () => _grain.DetachAsync(shard.Host, sequence),
            _ =>
            {
                _calling = false;
                _attachNeeded = true;
                if (IsWanted)
                {
                    Sync();
                }
                else
                {
                    shard.Forget(this);
                }
            },
            _ =>
            {
                // It may have been heard all the same.
                _calling = false;
                _attachNeeded = true;
                _attachReason = "unreachable";
                _retryAt = shard.Now + RelayShard.RetryAfter;
            });
    }

    /// <summary>Tells the grain what it has not heard yet, and detaches.</summary>
    public async Task LeaveAsync()
    {
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (Outbox is null)
        {
            return;
        }

        _local.WaitFor(told);
        Sync();
        await told.Task;
        await _grain.DetachAsync(shard.Host, shard.NextSequence());
    }

    /// <summary>One call to the grain about attachment and presence is under way at a time, so that they arrive in their order.</summary>
    private void Sync()
    {
        if (_calling || shard.Now < _retryAt)
        {
            return;
        }

        if (_attachNeeded)
        {
            if (IsWanted)
            {
                Attach();
            }
        }
        else if (_local.IsDirty || _audience.TakeCountChanged())
        {
            var report = _local.TakeReport(shard.Now);
            var changes = new PresenceChanges(_audience.Count, report.Upserts, report.Departures, shard.NextSequence());
            Call(() => _grain.ChangePresenceAsync(shard.Host, changes), report, known =>
            {
                if (!known)
                {
                    _attachNeeded = true;
                    _attachReason = "forgotten";
                    _local.Return(report);
                }
                else
                {
                    report.Told();
                }
            });
        }
    }

    private void Attach()
    {
        _attachNeeded = false;
        _signalSilo = null;
        var report = _local.TakeWhole(shard.Now);
        var attachment = new Attachment(shard.Host, _audience.Count, report.Upserts, report.Departures, shard.NextSequence());
        shard.Metrics.Attached(_attachReason);
        Call(() => _grain.AttachAsync(attachment), report, attached =>
        {
            Outbox = attached.Outbox;
            Silo = attached.Silo;
            _signalSilo = attached.Silo;
            shard.AttachedTo(attached.Silo);
            report.Told();
            OnAttached(attached);
            if (shard.IsOver(attached.Silo, attached.Outbox))
            {
                // The outbox gave up what it owed while the answer was on its way.
                _attachNeeded = true;
                _attachReason = "outbox";
            }
        });
    }

    private void OnAttached(Attached attached)
    {
        TellPresence(_presence.Apply(attached.Presence, shard.Now));
        if (_position is not { } position)
        {
            _position = attached.Head;
            foreach (var joiner in _joiners)
            {
                joiner.BufferedFrom = attached.Head.Offset;
                if (joiner.Since is null)
                {
                    joiner.Slice = new LogSlice(attached.Head, false, []);
                }
            }
        }
        else if (attached.Head.Epoch != position.Epoch)
        {
            Reset(attached.Head);
        }
        else if (attached.Head.Offset > position.Offset)
        {
            Repair();
        }

        ReplayEarly();
        foreach (var joiner in _joiners.Where(j => j.Slice is null))
        {
            Read(joiner);
        }

        shard.MustFlush(this);
    }

    private void TakeEvents(EventsItem item)
    {
        var position = _position!.Value;
        if (item.Epoch != position.Epoch)
        {
            AttachAgain("epoch");
            return;
        }

        foreach (var e in item.Events)
        {
            if (e.Offset <= position.Offset)
            {
                continue;
            }

            if (e.Offset > position.Offset + 1)
            {
                KeepEarly(item);
                Repair();
                break;
            }

            position = position with { Offset = e.Offset };
            _position = position;
            Pass(WireEvent.From(_name, position.Epoch, e));
        }
    }

    private void Pass(WireEvent e)
    {
        if (topic.Kind == TopicKind.Patient && e.Type == ChartEvents.RestrictionChanged)
        {
            ReviewChart();
        }

        _audience.Add(e);
        foreach (var joiner in _joiners)
        {
            joiner.Buffer.Add(e);
        }

        shard.MustFlush(this);
    }

    private void TakeDiff(PresenceDiff diff)
    {
        if (!_presence.Apply(diff, shard.Now, out var visible))
        {
            AttachAgain("presence");
            return;
        }

        TellPresence(visible);
    }

    private void TakeSnapshot(PresenceSnapshot snapshot)
    {
        if (!_presence.IsOf(snapshot.Epoch))
        {
            // Of a life of the grain that this host is not attached to, perhaps a former one.
            AttachAgain("presence");
            return;
        }

        TellPresence(_presence.Apply(snapshot, shard.Now));
    }

    private void TellPresence(PresenceDiff? visible)
    {
        if (visible is not null)
        {
            _audience.Tell(visible);
        }
    }

    /// <summary>Reads from the log what the stream did not bring. What brings nothing is not repeated at once, but with a tick a little later.</summary>
    private void Repair()
    {
        _repairWanted = true;
        if (_repairing || shard.Now < _repairAt || _position is not { } position)
        {
            return;
        }

        _repairWanted = false;
        _repairing = true;
        shard.Metrics.Repaired();
        shard.Call(
            () => _grain.ReadAsync(position),
            slice =>
            {
                _repairing = false;
                Close(position, slice);
                ReplayEarly();
                shard.MustFlush(this);
            },
            _ =>
            {
                _repairing = false;
                _repairWanted = true;
                _repairAt = shard.Now + RelayShard.RetryAfter;
                AttachAgain("unreachable");
            });
    }

    /// <summary>Closes a hole with what the log said about a position.</summary>
    private void Close(LogPosition asked, LogSlice slice)
    {
        var before = _position!.Value;
        if (before.Epoch != asked.Epoch)
        {
            // Of a log that this host has left meanwhile.
            return;
        }

        if (slice.Recovered)
        {
            TakeEvents(new EventsItem(topic, slice.Head.Epoch, slice.Events));
        }
        else if (slice.Head.Epoch != before.Epoch || slice.Head.Offset > before.Offset)
        {
            Reset(slice.Head);
        }

        if (_position == before)
        {
            _repairAt = shard.Now + RelayShard.RetryAfter;
        }
    }

    private void ReviewChart() => shard.ChartChanged?.Invoke(topic, [.. _audience.Connections.Union(_local.Connections)]);

    private void Reset(LogPosition head)
    {
        if (topic.Kind == TopicKind.Patient)
        {
            // What was missed may have been about who may see it.
            ReviewChart();
        }

        _position = head;
        shard.Metrics.Reset();
        _audience.Reset();
        foreach (var joiner in _joiners)
        {
            joiner.Buffer.Clear();
            joiner.BufferedFrom = head.Offset;
            joiner.Slice = null;
            Read(joiner);
        }
    }

    private void KeepEarly(RelayItem item)
    {
        if (_early.Count < MaxEarly)
        {
            _early.Add(item);
        }
        else
        {
            // What is not kept is in the log: attaching compares with it.
            _early.Clear();
            AttachAgain("overflow");
        }
    }

    private void ReplayEarly()
    {
        RelayItem[] early = [.. _early];
        _early.Clear();
        foreach (var item in early)
        {
            Take(item);
        }
    }

    /// <summary>Asks the log where the topic is, and for what the subscriber missed.</summary>
    private void Read(Joiner joiner) =>
        shard.Call(
            () => _grain.ReadAsync(joiner.Since),
            slice =>
            {
                joiner.Slice = slice;
                TryComplete(joiner);
            },
            _ => AskLater(joiner, "unreachable"));

    /// <summary>The log's answer did not come or is of no use: this host asks for its place and for the answer again, but not at once, because it may go on like that.</summary>
    private void AskLater(Joiner joiner, string reason)
    {
        joiner.Slice = null;
        _retryAt = shard.Now + RelayShard.RetryAfter;
        AttachAgain(reason);
    }

    private void TryComplete(Joiner joiner)
    {
        if (_position is not { } position || joiner.Slice is not { } slice || !_joiners.Contains(joiner))
        {
            return;
        }

        if (slice.Head.Epoch != position.Epoch)
        {
            AskLater(joiner, "epoch");
            return;
        }

        if (slice.Recovered && slice.Head.Offset < joiner.BufferedFrom)
        {
            // An answer that took long, or of an activation that is behind: what came between it and the buffer would be missing.
            AskLater(joiner, "behind");
            return;
        }

        if (slice.Head.Offset > position.Offset || _audience.HasWaiting)
        {
            return;
        }

        _joiners.Remove(joiner);
        WireEvent[] events = slice.Recovered
            ? [.. slice.Events.Select(e => WireEvent.From(_name, position.Epoch, e)), .. joiner.Buffer.Where(e => e.Offset > slice.Head.Offset)]
            : [];
        var snapshot = Snapshot();
        if (_local.EntryOf(joiner.Connection.Id) is { } own && !_presence.Has(own.User))
        {
            // The caller's own arrival may still be on its way here; it is told again as a join.
            snapshot = snapshot with { Entries = snapshot.Entries.With(own) };
        }

        var answer = new WireSubscription(
            _name,
            position.Epoch,
            position.Offset,
            slice.Recovered,
            events,
            snapshot);
        if (joiner.Complete(answer))
        {
            _audience.Add(joiner.Connection);
            Sync();
        }
    }

    private WireSnapshot Snapshot()
    {
        if (_snapshot?.Version != _presence.Version)
        {
            _snapshot = new WireSnapshot(_presence.Epoch, _presence.Version, new WireEntries(_presence.Entries));
        }

        return _snapshot;
    }

    private void SendSignals()
    {
        if (_signalling || _signals.Count == 0)
        {
            return;
        }

        if (_signalSilo is { } silo && !_attachNeeded)
        {
            foreach (var signal in _signals)
            {
                shard.Signals.Send(silo, signal);
            }

            _signals.Clear();
            return;
        }

        // Nobody here is subscribed, or the topic is moving: its grain knows the other hosts wherever it is.
        _signalling = true;
        SignalItem[] signals = [.. _signals];
        _signals.Clear();
        shard.Call(() => _grain.SignalAsync(shard.Host, signals), Sent, _ => Sent(false));

        void Sent(bool done)
        {
            _signalling = false;
            SendSignals();
        }
    }

    private void Call<T>(Func<Task<T>> call, PresenceReport report, Action<T> done)
    {
        _calling = true;
        shard.Call(
            call,
            result =>
            {
                _calling = false;
                done(result);
                Sync();
            },
            _ =>
            {
                _calling = false;
                _attachNeeded = true;
                _attachReason = "unreachable";
                _local.Return(report);
                _retryAt = shard.Now + RelayShard.RetryAfter;
            });
    }
}
