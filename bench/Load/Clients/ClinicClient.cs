using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Net.WebSockets;
using Clinic.Load.Events;
using Microsoft.AspNetCore.SignalR;

namespace Clinic.Load.Clients;

/// <summary>
/// One signed-in user as the contract wants a client to be: subscribes, goes on with <c>since</c> after a reconnect, moves to
/// the next host when its own is gone, and subscribes again after <c>reset</c> or a gap in the presence.
/// </summary>
internal sealed class ClinicClient(ClientPlace place, Func<Uri, string, ILinkReceiver, HubLink> link, TokenSource tokens) : ILinkReceiver
{
    private readonly Dictionary<byte[], Subscription> _byTopic =
        place.Subscriptions.ToDictionary(subscription => subscription.TopicUtf8, Utf8Comparer.Instance);

    private readonly ConcurrentQueue<(string Topic, bool Forget)> _again = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();
    private HubLink? _link;
    private int _retryAfterMs;
    private int _resubscribing;
    private int _presenceMessages;
    private int _resets;
    private int _closings;
    private int _reconnects;

    public ClientPlace Place { get; } = place;

    /// <summary>Done when every topic is subscribed for the first time.</summary>
    public Task Ready => _ready.Task;

    public bool IsConnected { get; private set; }

    /// <summary>The host it is connected to, or was last.</summary>
    public Uri Host { get; private set; } = place.Hosts[place.FirstHost];

    public int PresenceMessages => Volatile.Read(ref _presenceMessages);

    public int Resets => Volatile.Read(ref _resets);

    public int Closings => Volatile.Read(ref _closings);

    public int Reconnects => Volatile.Read(ref _reconnects);

    /// <summary>When the connection was last lost, in ticks of the clock; zero before that.</summary>
    public long LostAt { get; private set; }

    /// <summary>When everything was subscribed last.</summary>
    public long BackAt { get; private set; }

    /// <summary>The longest time from a lost connection until everything was subscribed again.</summary>
    public long LongestOutage { get; private set; }

    /// <summary>A user who goes away when their connection breaks, as one does who closes the lid.</summary>
    public bool StaysAway { get; set; }

    /// <summary>It went away and will not come back.</summary>
    public bool IsGone { get; private set; }

    public string? FatalError { get; private set; }

    /// <summary>What ended the last attempt to connect, for the report.</summary>
    public string? LastError { get; private set; }

    public async Task RunAsync()
    {
        var host = Place.FirstHost;
        var token = "";
        var failures = 0;
        while (!_stop.IsCancellationRequested)
        {
            HubLink? current = null;
            try
            {
                token = token.Length > 0 ? token : await tokens.TokenAsync(Place.Tenant, Place.User, _stop.Token);
                Host = Place.Hosts[host];
                current = link(new Uri(Host, "/hubs/clinic"), token, this);
                _retryAfterMs = 0;
                Place.Notes?.Opening(Host);
                using (var patience = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token))
                {
                    patience.CancelAfter(HubLink.CallTimeout);
                    await current.OpenAsync(patience.Token);
                }

                _link = current;
                foreach (var subscription in Place.Subscriptions)
                {
                    await SubscribeAsync(current, subscription, subscription.Position, _stop.Token);
                }

                failures = 0;
                BackAt = MonotonicClock.Now;
                IsConnected = true;
                Place.Notes?.Live();
                if (!_ready.TrySetResult())
                {
                    Interlocked.Increment(ref _reconnects);
                    LongestOutage = Math.Max(LongestOutage, BackAt - LostAt);
                }

                await current.Closed.WaitAsync(_stop.Token);
            }
            catch (HubException refused) when (IsFatal(refused))
            {
                FatalError = refused.Message;
                IsGone = true;
                _ready.TrySetException(refused);
                return;
            }
            catch (Exception exception) when (IsOutage(exception))
            {
                LastError = exception.Message;
            }
            finally
            {
                if (IsConnected && !_stop.IsCancellationRequested)
                {
                    LostAt = MonotonicClock.Now;
                }

                IsConnected = false;
                Place.Notes?.Ended();
                _link = null;
                if (current is not null)
                {
                    await current.DisposeAsync();
                }

                foreach (var subscription in Place.Subscriptions)
                {
                    subscription.Disconnected();
                }

                Place.Presence?.Disconnected();
            }

            if (_stop.IsCancellationRequested || StaysAway)
            {
                IsGone = true;
                return;
            }

            host = (host + 1) % Place.Hosts.Count;
            failures++;
            // Everybody lost the same host at the same time: their ways back are spread.
            var pause = Math.Max(_retryAfterMs, Random.Shared.Next(50, 250 * Math.Min(failures + 1, 8)));
            await Task.Delay(pause, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Cuts the connection without a word.</summary>
    public void Cut() => _link?.Abort();

    /// <summary>Signs out properly.</summary>
    public async Task StopAsync()
    {
        if (_link is { } current)
        {
            _stop.Cancel();
            await current.DisposeAsync();
        }

        _stop.Cancel();
    }

    void ILinkReceiver.Event(ReadOnlySpan<byte> topic, ReadOnlySpan<byte> epoch, in Arrival arrival)
    {
        if (_byTopic.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(topic, out var subscription))
        {
            subscription.Accept(epoch, arrival, MonotonicClock.Now);
        }
        else
        {
            Place.Strays.Add(topic);
        }
    }

    void ILinkReceiver.Presence(PresenceChanges diff)
    {
        Interlocked.Increment(ref _presenceMessages);
        if (Place.Presence is { } view && view.Topic == diff.Topic && !view.Apply(diff))
        {
            Again(diff.Topic, forget: false);
        }
    }

    void ILinkReceiver.Reset(string topic)
    {
        Interlocked.Increment(ref _resets);
        Place.Subscriptions.FirstOrDefault(subscription => subscription.Topic == topic)?.ToldToReloadNow();
        Again(topic, forget: true);
    }

    void ILinkReceiver.Frame(ReadOnlySpan<byte> message) => Place.Notes?.Frame(message);

    void ILinkReceiver.Closing(string reason, int retryAfterMs)
    {
        Interlocked.Increment(ref _closings);
        _retryAfterMs = retryAfterMs;
    }

    private static bool IsFatal(HubException refused)
        => !refused.Message.Contains("rate_limited", StringComparison.Ordinal)
            && !refused.Message.Contains("unavailable", StringComparison.Ordinal);

    private static bool IsOutage(Exception exception)
        => exception is WebSocketException or HttpRequestException or SocketException or IOException or OperationCanceledException or TimeoutException
            or HubException or InvalidOperationException or ObjectDisposedException;

    private async Task SubscribeAsync(HubLink current, Subscription subscription, Position? since, CancellationToken cancellation)
    {
        var view = Place.Presence?.Topic == subscription.Topic ? Place.Presence : null;
        for (var attempt = 1; ; attempt++)
        {
            subscription.Begin();
            view?.Begin();
            try
            {
                await current.SubscribeAsync(
                    subscription.Topic,
                    since,
                    answer =>
                    {
                        subscription.Answer(answer, since);
                        view?.Snapshot(answer.Presence);
                    },
                    cancellation);
                return;
            }
            catch (HubException refused) when (!IsFatal(refused) && attempt < 40)
            {
                await Task.Delay(Random.Shared.Next(200, 600), cancellation);
            }
        }
    }

    private void Again(string topic, bool forget)
    {
        _again.Enqueue((topic, forget));
        if (Interlocked.Exchange(ref _resubscribing, 1) == 0)
        {
            _ = SubscribeAgainAsync();
        }
    }

    // One at a time: a second answer for a topic must not overtake the first.
    private async Task SubscribeAgainAsync()
    {
        // Off the reading loop, which has to go on for the answer to arrive.
        await Task.Yield();
        var current = _link;
        try
        {
            while (_again.TryDequeue(out var wish))
            {
                var subscription = Place.Subscriptions.FirstOrDefault(candidate => candidate.Topic == wish.Topic);
                if (subscription is not null && current is not null)
                {
                    await SubscribeAsync(current, subscription, wish.Forget ? null : subscription.Position, _stop.Token);
                }
            }
        }
        catch (Exception exception) when (IsOutage(exception))
        {
            // Better a new connection with a full subscription than a picture that stays stale.
            LastError = exception.Message;
            current?.Abort();
        }
        finally
        {
            Volatile.Write(ref _resubscribing, 0);
        }

        if (!_again.IsEmpty && Interlocked.Exchange(ref _resubscribing, 1) == 0)
        {
            _ = SubscribeAgainAsync();
        }
    }
}
