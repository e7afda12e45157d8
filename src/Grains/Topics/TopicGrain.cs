using Clinic.Presence;
using Clinic.Streams;
using Microsoft.Extensions.Logging;

namespace Clinic.Topics;

/// <summary>
/// What every topic does, over pure models: its journal writes the log, its presence set knows who is there, and both are told to the hosts that are attached. Calls
/// interleave; each is correct on its own between two awaits.
/// </summary>
internal abstract class TopicGrain : Grain, ITopicGrain
{
    private static readonly TimeSpan AttachedLifetime = TimeSpan.FromDays(3650);
    private static readonly TimeSpan CatchUpAfter = TimeSpan.FromSeconds(1);
    private readonly TopicServices _services;
    private readonly AttachedHosts _hosts = new();
    private readonly PresencePace _pace;
    private readonly TopicRebuild _rebuild;
    private IGrainTimer? _timer;
    private DateTimeOffset? _catchUpAt;

    protected TopicGrain(TopicServices services, IGrainContext context)
    {
        _services = services;
        Topic = TopicId.Parse(context.GrainId.Key.ToString()!);
        Time = services.Time;
        Presence = new PresenceSet(Guid.NewGuid().ToString("N"), services.Presence);
        _pace = new PresencePace(services.Presence);
        _rebuild = new TopicRebuild(services.Presence);
        Journal = new TopicJournal(
            Topic, services.Store, services.Committer, services.Log, services.Time, services.Metrics, services.Loggers.CreateLogger<TopicJournal>())
        {
            Told = (epoch, events) => Emit(new EventsItem(Topic, epoch, events)),
            FellBehind = CatchUpSoon,
        };
    }

    protected TopicId Topic { get; }

    protected TimeProvider Time { get; }

    protected PresenceSet Presence { get; }

    protected TopicJournal Journal { get; }

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await Journal.LoadAsync();
        _services.Metrics.Activated();
        var live = _services.Hosts.Live;
        if (_rebuild.Begin(_services.Silos.LastLoss, live, _services.Hosts.MayMissSome, Time.GetUtcNow()))
        {
            // Another activation may have had hosts attached that don't know yet that it is gone.
            Presence.Complete = false;
            foreach (var host in live)
            {
                _services.Outbox.Emit(host, new ReattachItem(Topic));
            }
        }

        Schedule();
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _services.Metrics.Deactivated();
        foreach (var host in _hosts.Names)
        {
            _services.Hosts.Detached(host, Topic);
            _services.Outbox.Emit(host, new ReattachItem(Topic));
        }

        return Task.CompletedTask;
    }

    public virtual async Task<Attached> AttachAsync(Attachment attachment)
    {
        if (_hosts.Attach(attachment.Host, attachment.Sequence, attachment.Subscribers))
        {
            _services.Hosts.Attached(attachment.Host, Topic);
            KeepWhileAttached();
            Presence.Replace(attachment.Host, attachment.Connections, attachment.Departures, Time.GetUtcNow());
            await PresenceChangedAsync();
        }

        if (_rebuild.Answered(attachment.Host))
        {
            await FinishRebuildAsync();
        }

        // The answer counts as all there is: what is still gathered has to be told first, or the host would take its own people away.
        TellPresence(atOnce: true);
        return new Attached(Journal.Head, _services.Outbox.IdFor(attachment.Host), _services.Outbox.Silo, Presence.ToldSnapshot());
    }

    public async Task DetachAsync(string host, long sequence)
    {
        if (_hosts.Detach(host, sequence))
        {
            _services.Hosts.Detached(host, Topic);
            KeepWhileAttached();
            Presence.Replace(host, [], [], Time.GetUtcNow());
            await PresenceChangedAsync();
        }

        Answered(host);
    }

    public async Task<bool> ChangePresenceAsync(string host, PresenceChanges changes)
    {
        if (!_hosts.Report(host, changes.Sequence, changes.Subscribers, out var isNewest))
        {
            return false;
        }

        if (isNewest)
        {
            Presence.Change(host, changes, Time.GetUtcNow());
            await PresenceChangedAsync();
        }

        return true;
    }

    public Task<PresenceSnapshot> GetPresenceAsync() => Task.FromResult(Presence.CurrentSnapshot(Time.GetUtcNow()));

    public Task<PublishResult> PublishAsync(EventDraft draft) => Journal.PublishAsync(draft);

    public Task DrainAsync() => Journal.DrainAsync();

    public Task<LogSlice> ReadAsync(LogPosition? since) => Journal.ReadAsync(since);

    public Task SignalAsync(string fromHost, SignalItem[] signals)
    {
        foreach (var host in _hosts.Names.Where(h => h != fromHost))
        {
            foreach (var signal in signals)
            {
                _services.Outbox.Emit(host, signal);
            }
        }

        return Task.CompletedTask;
    }

    public async Task HostLostAsync(string host, DateTimeOffset lastHeard)
    {
        // A host that was silent and came back has attached again before this arrived.
        if (!_services.Hosts.IsAttached(host, Topic) && _hosts.Lose(host))
        {
            KeepWhileAttached();
            Presence.HostLost(host, lastHeard, Time.GetUtcNow());
            await PresenceChangedAsync();
        }

        Answered(host);
    }

    /// <summary>What a kind of topic makes of a changed presence before others are told.</summary>
    protected virtual Task OnPresenceChangedAsync() => Task.CompletedTask;

    /// <summary>The presence is whole again after the topic came up anew.</summary>
    protected virtual Task OnRebuiltAsync() => Task.CompletedTask;

    /// <summary>Follows every change of the presence set: lets the kind of topic act, tells the hosts when it is time, sets the timer for what is next.</summary>
    protected async Task PresenceChangedAsync()
    {
        try
        {
            await OnPresenceChangedAsync();
        }
        finally
        {
            TellSoon();
        }
    }

    /// <summary>Tells the hosts what changed, at once or when the gathering period is over.</summary>
    protected void TellSoon()
    {
        TellPresence();
        Schedule();
    }

    private void CatchUpSoon()
    {
        _catchUpAt ??= Time.GetUtcNow() + CatchUpAfter;
        Schedule();
    }

    private void TellPresence(bool atOnce = false)
    {
        var now = Time.GetUtcNow();
        if (Presence.HasChanges && (atOnce || _pace.DueAt(_hosts.Receivers) <= now) && Presence.TakeDiff(now) is { } diff)
        {
            _pace.DiffTold(now);
            Emit(new PresenceItem(Topic, diff));
        }
    }

    private void Emit(RelayItem item)
    {
        foreach (var host in _hosts.Names)
        {
            _services.Outbox.Emit(host, item);
        }
    }

    /// <summary>A host has said what it has here; with the last one, a rebuilt presence is whole.</summary>
    private void Answered(string host)
    {
        if (_rebuild.Answered(host))
        {
            Schedule();
        }
    }

    private async Task FinishRebuildAsync()
    {
        _rebuild.End();
        Presence.Complete = true;
        await PresenceChangedAsync();
        await OnRebuiltAsync();
        TellPresence(atOnce: true);
        Emit(new SnapshotItem(Topic, Presence.ToldSnapshot()));
    }

    private void Schedule()
    {
        var now = Time.GetUtcNow();
        var next = Presence.NextDue ?? DateTimeOffset.MaxValue;
        if (Presence.HasChanges && _pace.DueAt(_hosts.Receivers) is var told && told < next)
        {
            next = told;
        }

        if (_rebuild.EndsAt is { } ends && ends < next)
        {
            next = ends;
        }

        if (_catchUpAt is { } catchUp && catchUp < next)
        {
            next = catchUp;
        }

        if (next == DateTimeOffset.MaxValue)
        {
            _timer?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            return;
        }

        var due = next > now ? next - now : TimeSpan.Zero;
        if (_timer is null)
        {
            _timer = this.RegisterGrainTimer(TickAsync, new GrainTimerCreationOptions(due, Timeout.InfiniteTimeSpan) { Interleave = true, KeepAlive = true });
        }
        else
        {
            _timer.Change(due, Timeout.InfiniteTimeSpan);
        }
    }

    private async Task TickAsync()
    {
        if (_catchUpAt <= Time.GetUtcNow())
        {
            _catchUpAt = null;
            Journal.CatchUp();
        }

        Presence.Sweep(Time.GetUtcNow());
        await PresenceChangedAsync();
        if (_rebuild.EndsAt <= Time.GetUtcNow())
        {
            await FinishRebuildAsync();
        }
    }

    /// <summary>Attached hosts rely on this activation: it must not be collected as idle under them.</summary>
    private void KeepWhileAttached() => DelayDeactivation(_hosts.Any ? AttachedLifetime : TimeSpan.FromTicks(-1));
}
