using System.Reflection;
using Clinic.Charts;
using Clinic.Databases;
using Clinic.Hosting;
using Clinic.Presence;
using Clinic.Security;
using Clinic.Storage;
using Clinic.Streams;
using Clinic.Topics;
using Dapper;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Clinic.Realtime;

/// <summary>What a connection sees of a restricted chart, and that its host ends it by itself; in fake time, with the real relay and a chart without silos.</summary>
public sealed class BreakGlassConnectionTests : IAsyncLifetime
{
    private static readonly TimeSpan For = new ChartOptions().BreakGlassFor;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TopicId Patient = TopicId.ForPatient("north", "p");
    private static readonly TopicId Another = TopicId.ForPatient("north", "q");
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 8, 0, 0, TimeSpan.Zero));
    private readonly CancellationTokenSource _stop = new();
    private FreshDatabase _fresh = null!;
    private ChartStore _store = null!;
    private FakeChart _chart = null!;
    private ChartGuard _guard = null!;
    private TopicRelay _relay = null!;
    private TopicGate _gate = null!;
    private Participation _participation = null!;
    private ChartParticipation _charts = null!;
    private Task _running = Task.CompletedTask;

    public async Task InitializeAsync()
    {
        _fresh = await FreshDatabase.CreateAsync(StorageProvider.Sqlite);
        _store = new ChartStore(_fresh.Database, _time);
        _chart = new FakeChart(_store);
        var grains = DispatchProxy.Create<IGrainFactory, OneChartFactory>();
        ((OneChartFactory)(object)grains).Chart = _chart;
        var options = Options.Create(new RelayOptions());
        var identity = new HostIdentity();
        _relay = new TopicRelay(
            identity, grains, new HostSilos(grains, _time), options, new RelayMetrics(new NoMeters()), _time, NullLogger<TopicRelay>.Instance);
        _guard = new ChartGuard(_fresh.Database, Options.Create(new ChartOptions()), _time);
        _gate = new TopicGate(new Everything(), _guard);
        _participation = new Participation(
            _relay,
            _gate,
            options,
            Options.Create(new PresenceOptions()),
            new HostDrain(null!, null!, identity, null!, grains, null!, options, _time, NullLogger<HostDrain>.Instance),
            _time);
        _charts = new ChartParticipation(_participation, _gate, _guard, _relay, grains, options, _time);
        _running = _relay.RunAsync(_stop.Token);
        await _fresh.Database.WriteAsync(t => t.Connection!.ExecuteAsync(
            "insert into chart_restriction (tenant, patient_id, restricted, changed_by, changed_at, version) values ('north', @Id, 1, 'olga', @now, 1)",
            new[] { Patient, Another }.Select(chart => new { chart.Id, now = _time.GetUtcNow() }),
            t));
    }

    public async Task DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        await _fresh.DisposeAsync();
        _stop.Dispose();
    }

    [Fact]
    public async Task Without_a_reason_nothing_of_it_is_open_and_nobody_is_reported()
    {
        var (ann, _) = Connect("ann");
        await RefusedAsync("forbidden: reason_required", () => _charts.OpenChartAsync(ann, Patient, null));
        await RefusedAsync("forbidden: reason_required", () => _charts.OpenChartAsync(ann, Patient, "  "));
        await RefusedAsync("invalid: reason", () => _charts.OpenChartAsync(ann, Patient, "no"));
        await RefusedAsync("forbidden: reason_required", () => _charts.BeginEditAsync(ann, Patient, "vitals", takeOver: false));
        await RefusedAsync("forbidden: reason_required", () => _participation.SubscribeAsync(ann, Patient, null));
        await RefusedAsync("forbidden: reason_required", () => _gate.AuthorizeAsync(ann, Patient));
        Assert.Empty(ann.Present);
        Assert.Empty(ann.Subscribed);
        Assert.Empty(_chart.Reported);
    }

    [Fact]
    public async Task With_a_reason_it_is_open_for_its_time_and_then_the_host_ends_it_and_says_so()
    {
        var (ann, told) = Connect("ann");
        await _charts.OpenChartAsync(ann, Patient, " emergency ");
        var view = _chart.Reported["ann"].Viewing!;
        Assert.Equal(("emergency", _time.GetUtcNow(), _time.GetUtcNow() + For), (view.Reason, view.BreakGlass!.At, view.BreakGlass.Until));
        await _participation.SubscribeAsync(ann, Patient, null);

        _time.Advance(For - TimeSpan.FromMilliseconds(1));
        await _gate.AuthorizeAsync(ann, Patient);
        Assert.False(told.Reset.Task.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal(new WireReset("patient:p", "expired"), await WithinAsync(told.Reset.Task, "the reset"));
        Assert.Equal(DepartureKind.Expired, await WithinAsync(_chart.Departed.Task, "the departure"));
        Assert.Empty(ann.Present);
        Assert.Empty(ann.Subscribed);
        await RefusedAsync("forbidden: reason_required", () => _participation.SubscribeAsync(ann, Patient, null));
        await RefusedAsync("forbidden: reason_required", () => _charts.OpenChartAsync(ann, Patient, null));
        await _charts.OpenChartAsync(ann, Patient, "still needed");
        Assert.Equal(_time.GetUtcNow(), _chart.Reported["ann"].Viewing!.BreakGlass!.At);
    }

    [Fact]
    public async Task Another_window_goes_on_with_the_same_reason_and_ends_with_it()
    {
        var (first, _) = Connect("ann");
        await _charts.OpenChartAsync(first, Patient, "emergency");
        var glass = _chart.Reported["ann"].Viewing!.BreakGlass;
        _time.Advance(TimeSpan.FromMinutes(20));
        var (second, told) = Connect("ann");
        var (third, subscriber) = Connect("ann");
        await _charts.OpenChartAsync(second, Patient, "another reason");
        await _participation.SubscribeAsync(third, Patient, null);
        Assert.Equal(("emergency", glass), (_chart.Reported["ann"].Viewing!.Reason, _chart.Reported["ann"].Viewing!.BreakGlass));

        _time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal("expired", (await WithinAsync(told.Reset.Task, "the reset of the second window")).Reason);
        Assert.Equal("expired", (await WithinAsync(subscriber.Reset.Task, "the reset of who only subscribed")).Reason);
    }

    [Fact]
    public async Task Who_closes_it_does_not_follow_it_any_more()
    {
        var (ann, told) = Connect("ann");
        await _charts.OpenChartAsync(ann, Patient, "emergency");
        await _participation.SubscribeAsync(ann, Patient, null);
        await _charts.CloseChartAsync(ann, Patient);
        Assert.Equal(new WireReset("patient:p", "closed"), await WithinAsync(told.Reset.Task, "the reset"));
        Assert.Empty(ann.Subscribed);
        Assert.Empty(ann.Limited);
    }

    [Fact]
    public async Task The_care_team_needs_no_reason_and_no_end()
    {
        await _fresh.Database.WriteAsync(t => t.Connection!.ExecuteAsync(
            "insert into chart_care_team (tenant, patient_id, user_id) values ('north', 'p', 'ann')", transaction: t));
        var (ann, told) = Connect("ann");
        await _charts.OpenChartAsync(ann, Patient, null);
        await _participation.SubscribeAsync(ann, Patient, null);
        Assert.Null(_chart.Reported["ann"].Viewing!.BreakGlass);
        Assert.Empty(ann.Limited);
        _time.Advance(For * 2);
        await _gate.AuthorizeAsync(ann, Patient);
        Assert.False(told.Reset.Task.IsCompleted);
    }

    [Fact]
    public async Task A_restriction_that_comes_while_the_chart_opens_is_not_overlooked()
    {
        await RestrictAsync(false);
        _chart.OnOpened = () => RestrictAsync(true);
        var (ann, _) = Connect("ann");
        await RefusedAsync("forbidden: reason_required", () => _charts.OpenChartAsync(ann, Patient, null));
        Assert.Empty(ann.Present);

        await RestrictAsync(false);
        _chart.OnAttached = () => RestrictAsync(true);
        var (ben, _) = Connect("ben");
        await RefusedAsync("forbidden: reason_required", () => _participation.SubscribeAsync(ben, Another, null));
        Assert.Empty(ben.Subscribed);
    }

    [Fact]
    public async Task A_chart_that_is_restricted_while_it_is_opened_again_is_not_open_any_more()
    {
        await RestrictAsync(false);
        var (ann, _) = Connect("ann");
        await _charts.OpenChartAsync(ann, Patient, null);
        _chart.OnOpened = () => RestrictAsync(true);
        await RefusedAsync("forbidden: reason_required", () => _charts.OpenChartAsync(ann, Patient, null));
        Assert.Empty(ann.Present);
        Assert.Equal(DepartureKind.Closed, await WithinAsync(_chart.Departed.Task, "the departure"));
    }

    [Fact]
    public async Task A_window_that_came_while_the_restriction_was_lifted_ends_with_the_reason_when_it_is_back()
    {
        var (first, _) = Connect("ann");
        await _charts.OpenChartAsync(first, Patient, "emergency");
        await RestrictAsync(false);
        var (second, told) = Connect("ann");
        await _participation.SubscribeAsync(second, Patient, null);
        Assert.Empty(second.Limited);
        await RestrictAsync(true);
        await ReviewAsync(first, second);
        Assert.NotEmpty(second.Subscribed);
        _time.Advance(For);
        Assert.Equal("expired", (await WithinAsync(told.Reset.Task, "the reset")).Reason);
    }

    [Fact]
    public async Task Who_may_see_a_chart_counts_as_nobody_when_it_can_not_be_read()
    {
        var (ann, told) = Connect("ann");
        await _charts.OpenChartAsync(ann, Patient, "emergency");
        await _participation.SubscribeAsync(ann, Patient, null);
        await _fresh.Database.WriteAsync(t => t.Connection!.ExecuteAsync("alter table chart_restriction rename to away", transaction: t));
        await ReviewAsync(ann);
        Assert.Equal("restricted", (await WithinAsync(told.Reset.Task, "the reset")).Reason);
    }

    [Fact]
    public async Task Closing_again_what_was_closed_halfway_ends_the_subscription_too()
    {
        var (ann, told) = Connect("ann");
        await _charts.OpenChartAsync(ann, Patient, "emergency");
        await _participation.SubscribeAsync(ann, Patient, null);
        ann.Present.Clear();
        await _store.CloseAsync([new AccessEnd((await _store.ReadOpenAsync(Patient, default)).Single().Id, _time.GetUtcNow(), "user")], default);
        await _charts.CloseChartAsync(ann, Patient);
        Assert.Equal("closed", (await WithinAsync(told.Reset.Task, "the reset")).Reason);
        Assert.Empty(ann.Subscribed);
    }

    [Fact]
    public async Task A_connection_that_is_gone_leaves_no_timer()
    {
        var (ann, _) = Connect("ann");
        await _charts.OpenChartAsync(ann, Patient, "emergency");
        Assert.Single(ann.Limited);
        _participation.Leave(ann, onPurpose: true);
        Assert.Empty(ann.Limited);
    }

    private Task ReviewAsync(params LiveConnection[] those) =>
        new ChartReview(_relay, null!, _guard, _participation, _time, NullLogger<ChartReview>.Instance).ReviewAsync(Patient, those);

    private static async Task RefusedAsync(string start, Func<Task> call) =>
        Assert.StartsWith(start, (await Assert.ThrowsAsync<HubException>(call)).Message, StringComparison.Ordinal);

    private static async Task<T> WithinAsync<T>(Task<T> task, string what)
    {
        try
        {
            return await task.WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"{what} never came.");
        }
    }

    private Task<int> RestrictAsync(bool restricted) => _fresh.Database.WriteAsync(t => t.Connection!.ExecuteAsync(
        "update chart_restriction set restricted = @restricted", new { restricted }, t));

    private static (LiveConnection Connection, Told Told) Connect(string user)
    {
        var told = new Told();
        var connection = new LiveConnection($"{user}-{Guid.NewGuid():N}", new ConnectionOutlet(told.Take, () => { }, new RelayOptions(), new RelayMetrics(new NoMeters())))
        {
            Caller = new Caller("north", user, user, ["nurse"], false),
        };
        return (connection, told);
    }

    private sealed class Told
    {
        public TaskCompletionSource<WireReset> Reset { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ValueTask Take(SerializedHubMessage message)
        {
            if (((InvocationMessage)message.Message!).Arguments[0] is WireReset reset)
            {
                Reset.TrySetResult(reset);
            }

            return ValueTask.CompletedTask;
        }
    }

    private sealed class Everything : ITopicAuthorizer
    {
        public ValueTask<TopicAccess> AuthorizeAsync(TopicRequest request, CancellationToken cancellation) => new(TopicAccess.Allowed);
    }
}

/// <summary>A chart that believes its hosts and puts on record what they report.</summary>
internal sealed class FakeChart(IChartStore store) : IPatientGrain
{
    private readonly Dictionary<string, string> _intervals = [];
    private readonly Dictionary<string, string> _users = [];

    /// <summary>What was reported last of each user.</summary>
    public Dictionary<string, ConnectionPresence> Reported { get; } = [];

    public TaskCompletionSource<DepartureKind> Departed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Func<Task>? OnOpened { get; set; }

    public Func<Task>? OnAttached { get; set; }

    public async Task<Attached> AttachAsync(Attachment attachment)
    {
        await TakeAsync(attachment.Connections, attachment.Departures);
        if (OnAttached is { } act)
        {
            await act();
        }

        return new Attached(new LogPosition("log", 0), "0001", "silo", new PresenceSnapshot("grain", 0, true, []));
    }

    public async Task<bool> ChangePresenceAsync(string host, PresenceChanges changes)
    {
        await TakeAsync(changes.Upserts, changes.Departures);
        return true;
    }

    public async Task<PresenceSnapshot> OpenedAsync(string user)
    {
        if (Reported[user].Viewing is { BreakGlass: { } glass } view && !_intervals.ContainsKey(user))
        {
            var id = Guid.NewGuid().ToString("N");
            _intervals[user] = id;
            await store.BreakGlassAsync(
                new AccessInterval(id, TopicId.ForPatient("north", "p"), user, user, view.Reason, glass.At, BreakGlass: true), new Officers([], IsWhole: true), default);
        }

        if (OnOpened is { } act)
        {
            await act();
        }

        return await GetPresenceAsync();
    }

    public Task DetachAsync(string host, long sequence) => Task.CompletedTask;

    public Task<PresenceSnapshot> GetPresenceAsync() => Task.FromResult(new PresenceSnapshot("grain", 0, true, []));

    public Task<LogSlice> ReadAsync(LogPosition? since) => Task.FromResult(new LogSlice(new LogPosition("log", 0), false, []));

    public Task<PublishResult> PublishAsync(EventDraft draft) => throw new NotSupportedException();

    public Task DrainAsync() => throw new NotSupportedException();

    public Task SignalAsync(string fromHost, SignalItem[] signals) => Task.CompletedTask;

    public Task HostLostAsync(string host, DateTimeOffset lastHeard) => throw new NotSupportedException();

    public Task<EditResult> BeginEditAsync(Editor editor, string section) => throw new NotSupportedException();

    public Task EndEditAsync(Editor editor, string section) => throw new NotSupportedException();

    public Task<EditResult> TakeOverEditAsync(Editor editor, string section) => throw new NotSupportedException();

    public Task SettleAsync() => throw new NotSupportedException();

    private async Task TakeAsync(IEnumerable<ConnectionPresence> upserts, IEnumerable<Departure> departures)
    {
        foreach (var connection in upserts)
        {
            Reported[connection.User] = connection;
            _users[connection.Connection] = connection.User;
        }

        foreach (var departure in departures)
        {
            if (_intervals.Remove(_users[departure.Connection], out var id))
            {
                await store.CloseAsync([new AccessEnd(id, DateTimeOffset.UnixEpoch, "user")], default);
            }

            Departed.TrySetResult(departure.Kind);
        }
    }
}

/// <summary>Hands out the one chart.</summary>
public class OneChartFactory : DispatchProxy
{
    internal FakeChart Chart { get; set; } = null!;

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => Chart;
}
