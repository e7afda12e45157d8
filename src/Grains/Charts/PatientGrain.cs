using System.Text.Json;
using Clinic.Hosts;
using Clinic.Presence;
using Clinic.Topics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;

namespace Clinic.Charts;

/// <inheritdoc cref="IPatientGrain" />
[Reentrant, GrainType("patient")]
internal sealed partial class PatientGrain : TopicGrain, IPatientGrain
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ExpiryCheck = TimeSpan.FromSeconds(10);

    /// <summary>Shorter than what a host waits for an answer to its attachment.</summary>
    private static readonly TimeSpan FollowLimit = TimeSpan.FromSeconds(1);
    private readonly IChartStore _store;
    private readonly ChartOptions _options;
    private readonly ClusterClock _clock;
    private readonly ChartAccess _access;
    private readonly EditLeases _edits = new();
    private readonly SemaphoreSlim _editTurn = new(1, 1);
    private readonly ILogger _logger;
    private IGrainTimer? _upkeep;
    private readonly List<RemovedConnection> _removed = [];
    private Task _following = Task.CompletedTask;
    private Task? _followingNext;
    private bool _editsBehind;
    private bool _editsUnknown;

    public PatientGrain(
        TopicServices services, IChartStore store, IOptions<ChartOptions> options, GlassWatch glass, ClusterClock clock, IGrainContext context, ILoggerFactory loggers)
        : base(services, context)
    {
        _store = store;
        _options = options.Value;
        _clock = clock;
        _logger = loggers.CreateLogger<PatientGrain>();
        _access = new ChartAccess(Topic, store, glass, Time, loggers.CreateLogger<ChartAccess>());
    }

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await _access.LoadAsync();
        await LoadEditsAsync();
        await base.OnActivateAsync(cancellationToken);
        if (Presence.Complete)
        {
            await OnRebuiltAsync();
        }
    }

    public async Task<PresenceSnapshot> OpenedAsync(string user)
    {
        if (!_access.IsRecorded(user, Presence))
        {
            await FollowAsync();
        }

        return _access.IsRecorded(user, Presence)
            ? Presence.CurrentSnapshot(Time.GetUtcNow())
            : throw new InvalidOperationException("It could not be recorded that the chart is open.");
    }

    public async Task<EditResult> BeginEditAsync(Editor editor, string section)
    {
        await EnterEditsAsync();
        try
        {
            var holder = _edits.HolderOf(section);
            RequireWord(editor);
            if (!Presence.IsLive(editor.Connection) || !_edits.MayBegin(editor, section, Presence.IsLive))
            {
                return Refused(holder);
            }

            if (holder is null)
            {
                return await TakeFreeAsync(editor, section);
            }

            if (holder.Connection == editor.Connection)
            {
                _edits.Renew(section, Time.GetUtcNow());
                return Granted(holder);
            }

            return await TakeAsync(_edits.Next(Topic, editor, section, keepLease: true, Time.GetUtcNow()), []);
        }
        finally
        {
            _editTurn.Release();
        }
    }

    public async Task EndEditAsync(Editor editor, string section)
    {
        await EnterEditsAsync();
        try
        {
            if (_edits.HolderOf(section) is { } holder && holder.Connection == editor.Connection)
            {
                await EndAsync(holder, "ended", editor.User);
            }
        }
        finally
        {
            _editTurn.Release();
        }
    }

    public async Task<EditResult> TakeOverEditAsync(Editor editor, string section)
    {
        await EnterEditsAsync();
        try
        {
            RequireWord(editor);
            if (!Presence.IsLive(editor.Connection))
            {
                return Refused(_edits.HolderOf(section));
            }

            if (_edits.HolderOf(section) is not { } holder)
            {
                return await TakeFreeAsync(editor, section);
            }

            return holder.Connection == editor.Connection
                ? Granted(holder)
                : await TakeAsync(
                    _edits.Next(Topic, editor, section, keepLease: false, Time.GetUtcNow()),
                    [Ended(holder, "taken_over", editor.User), Started(editor, section)]);
        }
        finally
        {
            _editTurn.Release();
        }
    }

    public Task SettleAsync() => Presence.Complete ? PresenceChangedAsync() : Task.CompletedTask;

    protected override async Task OnPresenceChangedAsync()
    {
        _removed.AddRange(Presence.TakeRemoved());
        // Who looks is told first: a database that hangs must not keep somebody on the chart who left, nor hosts from attaching.
        TellSoon();
        await Task.WhenAny(FollowAsync(), Task.Delay(FollowLimit, Time));
        ShowEditing();
    }

    protected override async Task OnRebuiltAsync()
    {
        _access.EndInherited(_clock.EndOf);
        await PresenceChangedAsync();
    }

    /// <summary>Brings the records in step with the presence. One run is under way at a time; whoever comes meanwhile shares the next one.</summary>
    private Task FollowAsync()
    {
        if (_followingNext is { } next)
        {
            return next;
        }

        return _following.IsCompleted ? _following = FollowOnceAsync() : _followingNext = FollowAfterAsync(_following);
    }

    private async Task FollowAfterAsync(Task before)
    {
        await before;
        _followingNext = null;
        _following = FollowOnceAsync();
        await _following;
    }

    private async Task FollowOnceAsync()
    {
        RemovedConnection[] removed = [.. _removed];
        await _access.FollowAsync(Presence, removed);
        try
        {
            _editsBehind = true;
            if (_editsUnknown || (Presence.Complete && _edits.Held.Count > 0))
            {
                await EndAbandonedEditsAsync(removed);
            }

            _editsBehind = false;
            _removed.RemoveRange(0, removed.Length);
        }
        catch (Exception e)
        {
            // The database did not take it; the upkeep tries again, and until then the sections stay held.
            EditsNotEnded(_logger, Topic.Key, e);
        }

        KeepUp();
    }

    /// <summary>While something is not written yet, or an edit may expire, the chart looks after it by itself.</summary>
    private void KeepUp()
    {
        var behind = _access.Behind || _editsBehind || _editsUnknown;
        if (!behind && _edits.Held.Count == 0)
        {
            _upkeep?.Dispose();
            _upkeep = null;
            return;
        }

        var period = behind ? RetryAfter : ExpiryCheck;
        if (_upkeep is null)
        {
            _upkeep = this.RegisterGrainTimer(PresenceChangedAsync, new GrainTimerCreationOptions(period, period) { Interleave = true, KeepAlive = true });
        }
        else
        {
            _upkeep.Change(period, period);
        }
    }

    /// <summary>Ends edits whose connection no longer has the chart open, and such that nobody renewed for too long.</summary>
    private async Task EndAbandonedEditsAsync(IReadOnlyList<RemovedConnection> removed)
    {
        await EnterEditsAsync();
        try
        {
            foreach (var edit in Presence.Complete ? _edits.Held.ToList() : [])
            {
                if (!Presence.IsViewing(edit.Connection))
                {
                    await EndAsync(edit, ReasonOf(edit, removed), null);
                }
                else if (_edits.IsExpired(edit.Section, Time.GetUtcNow(), _options.MaxEdit))
                {
                    await EndAsync(edit, "expired", null);
                }
            }
        }
        finally
        {
            _editTurn.Release();
        }
    }

    private string ReasonOf(StoredEdit edit, IReadOnlyList<RemovedConnection> removed)
    {
        if (removed.Any(r => r.Connection == edit.Connection && r.Cause == RemovalCause.Expired))
        {
            return "expired";
        }

        var closed = Presence.Knows(edit.Connection) || removed.Any(r => r.Connection == edit.Connection && r.Cause is RemovalCause.Closed or RemovalCause.Revoked);
        return closed ? "ended" : "connection_lost";
    }

    private async Task<EditResult> TakeFreeAsync(Editor editor, string section) =>
        _edits.Held.Count >= _options.MaxSections || (_edits.FenceOf(section) == 0 && _edits.Names >= _options.MaxSectionNames)
            ? Refused(null)
            : await TakeAsync(_edits.Next(Topic, editor, section, keepLease: false, Time.GetUtcNow()), [Started(editor, section)]);

    private async Task<EditResult> TakeAsync(StoredEdit edit, EventDraft[] events)
    {
        if (!await KnowingAsync(() => _store.TakeEditAsync(edit, _edits.FenceOf(edit.Section), events, CancellationToken.None)))
        {
            // Another activation of this chart was faster: what it stored is what counts.
            await LoadEditsAsync();
            return Refused(_edits.HolderOf(edit.Section));
        }

        _edits.Take(edit, Time.GetUtcNow());
        Tell();
        KeepUp();
        return Granted(edit);
    }

    private async Task EndAsync(StoredEdit edit, string reason, string? by)
    {
        if (await KnowingAsync(() => _store.EndEditAsync(Topic, edit.Section, edit.Lease, [Ended(edit, reason, by)], CancellationToken.None)))
        {
            _edits.End(edit.Section);
            Tell();
        }
        else
        {
            await LoadEditsAsync();
        }
    }

    private void Tell()
    {
        // The events are stored with the edit; if the log can't take them now, the silos' sweep sees to it.
        Journal.DrainAsync().Ignore();
        ShowEditing();
        TellSoon();
    }

    private async Task LoadEditsAsync()
    {
        _edits.Load(
            await _store.ReadEditsAsync(Topic, CancellationToken.None), await _store.ReadFencesAsync(Topic, CancellationToken.None), Time.GetUtcNow());
        _editsUnknown = false;
    }

    /// <summary>Takes the turn to change edits, and learns what is stored where that is not known.</summary>
    private async Task EnterEditsAsync()
    {
        await _editTurn.WaitAsync();
        if (!_editsUnknown)
        {
            return;
        }

        try
        {
            await LoadEditsAsync();
        }
        catch
        {
            _editTurn.Release();
            throw;
        }
    }

    /// <summary>A write whose answer got lost may be stored: until the edits are read again nobody knows who holds them.</summary>
    private async Task<bool> KnowingAsync(Func<Task<bool>> write)
    {
        try
        {
            return await write();
        }
        catch
        {
            _editsUnknown = true;
            KeepUp();
            throw;
        }
    }

    /// <summary>Right after the chart came up anew, its hosts have not said yet who is there: that is no refusal.</summary>
    private void RequireWord(Editor editor)
    {
        if (!Presence.Complete && !Presence.IsLive(editor.Connection))
        {
            throw new TimeoutException("The hosts of the chart have not said yet who has it open.");
        }
    }

    private void ShowEditing() => Presence.SetEditing(_edits.Held.ToLookup(e => e.User, e => e.Section));

    private static EventDraft Started(Editor editor, string section) =>
        Draft("edit:started", new { section, user = editor.User, name = editor.Name }, editor.User);

    private static EventDraft Ended(StoredEdit edit, string reason, string? by) =>
        Draft("edit:ended", new { section = edit.Section, user = edit.User, reason, by }, by);

    private static EventDraft Draft<T>(string type, T data, string? by) =>
        new(type, Guid.NewGuid().ToString("N"), JsonSerializer.SerializeToUtf8Bytes(data), by);

    private static EditResult Granted(StoredEdit edit) => new(true, edit.Lease, new EditHolder(edit.User, edit.Name, edit.Since));

    private static EditResult Refused(StoredEdit? holder) =>
        new(false, null, holder is null ? null : new EditHolder(holder.User, holder.Name, holder.Since));

    [LoggerMessage(2, LogLevel.Error, "Edits of chart {Patient} whose connections are gone could not be ended; it will be tried again.")]
    private static partial void EditsNotEnded(ILogger logger, string patient, Exception e);
}
