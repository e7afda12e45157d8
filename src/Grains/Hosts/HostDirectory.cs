using System.Collections.Concurrent;
using Clinic.Streams;
using Clinic.Topics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Clinic.Hosts;

/// <summary>
/// One silo's view of which Api hosts are alive, and which of its topics each is attached to. When a host falls silent, and no other silo heard of it, its topics
/// here are told.
/// </summary>
internal sealed partial class HostDirectory(
    IGrainFactory grains, HostOutbox outbox, SiloDirectory silos, IOptions<HostLivenessOptions> options, TimeProvider time, ILogger<HostDirectory> logger)
    : BackgroundService
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan AskLimit = TimeSpan.FromSeconds(1);
    private const int MaxTelling = 200;
    private const int MaxAttempts = 20;
    private readonly ConcurrentDictionary<string, KnownHost> _hosts = new();
    private readonly ConcurrentDictionary<string, bool> _gone = new();

    /// <summary>From when on hosts can be heard: the silo is up.</summary>
    private long? _since;

    /// <summary>Hosts that are not known to be gone.</summary>
    public IReadOnlyCollection<string> Live => [.. _hosts.Keys];

    /// <summary>Whether this silo has been there too short a time for every host to have told it that it is alive.</summary>
    public bool MayMissSome => !options.Value.IsAlone && (_since is not { } since || time.GetElapsedTime(since) < options.Value.SilenceLimit);

    /// <summary>The host was heard of.</summary>
    /// <returns>Whether it was known before.</returns>
    public bool Heard(string host)
    {
        var now = time.GetUtcNow();
        var known = true;
        var entry = _hosts.GetOrAdd(host, _ =>
        {
            known = false;
            return new KnownHost();
        });
        entry.LastHeard = now;
        if (!known)
        {
            outbox.Greet(host);
            HostCame(logger, host);
        }

        return known;
    }

    public DateTimeOffset? LastHeard(string host) => _hosts.TryGetValue(host, out var entry) ? entry.LastHeard : null;

    public void Attached(string host, TopicId topic)
    {
        Heard(host);
        if (_hosts.TryGetValue(host, out var entry))
        {
            entry.Topics[topic] = true;
        }
    }

    /// <summary>Whether the host is alive and attached to the topic.</summary>
    public bool IsAttached(string host, TopicId topic) => _hosts.TryGetValue(host, out var entry) && entry.Topics.ContainsKey(topic);

    /// <summary>The hosts that are alive and attached to the topic. They are few: asking each costs less than a second index would, and can't get out of step.</summary>
    public IEnumerable<string> AttachedTo(TopicId topic) => _hosts.Where(h => h.Value.Topics.ContainsKey(topic)).Select(h => h.Key);

    public void Detached(string host, TopicId topic)
    {
        if (_hosts.TryGetValue(host, out var entry))
        {
            entry.Topics.TryRemove(topic, out _);
        }
    }

    /// <summary>The host stops on purpose; its topics have been told by itself, but for those it could not reach.</summary>
    public void Left(string host)
    {
        if (_hosts.TryRemove(host, out var entry))
        {
            outbox.Forget(host);
            _gone[host] = true;
            HostLeft(logger, host);
            _ = TellTopicsAsync(host, entry);
        }
    }

    /// <summary>Hosts that are gone since the last call, or whose traces could not be removed.</summary>
    public IReadOnlyCollection<string> TakeGone() => [.. _gone.Keys.Where(h => _gone.TryRemove(h, out _) && !_hosts.ContainsKey(h))];

    /// <summary>Keeps a host for the next <see cref="TakeGone"/>.</summary>
    public void StillGone(string host) => _gone[host] = true;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Look, time);
        var lastLook = time.GetTimestamp();
        _since = lastLook;
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                var slept = time.GetElapsedTime(lastLook) - Look;
                lastLook = time.GetTimestamp();
                if (slept > Look)
                {
                    // This process itself stood still: the beats it missed meanwhile say nothing about the hosts.
                    Forgive(slept);
                }

                await LookAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    private void Forgive(TimeSpan slept)
    {
        foreach (var entry in _hosts.Values)
        {
            entry.LastHeard += slept;
        }
    }

    private async Task LookAsync(CancellationToken stopping)
    {
        var limit = options.Value.SilenceLimit;
        foreach (var (host, entry) in _hosts)
        {
            if (time.GetUtcNow() - entry.LastHeard <= limit)
            {
                continue;
            }

            var elsewhere = await AskOthersAsync(host, stopping);
            if (elsewhere is { } heard && time.GetUtcNow() - heard <= limit)
            {
                entry.LastHeard = heard > entry.LastHeard ? heard : entry.LastHeard;
                continue;
            }

            // It may have been heard while the others were asked.
            if (time.GetUtcNow() - entry.LastHeard > limit)
            {
                Lose(host, entry);
            }
        }
    }

    /// <summary>The host's beats to this silo may be stuck in a gateway that hangs, while others hear it.</summary>
    private async Task<DateTimeOffset?> AskOthersAsync(string host, CancellationToken stopping)
    {
        var answers = await Task.WhenAll(silos.Others().Select(async silo =>
        {
            try
            {
                return await grains.GetGrain<ISiloGrain>(silo).LastHeardAsync(host).WaitAsync(AskLimit, time, stopping);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // No answer is no sign of life; a silo that is in trouble is dealt with by the membership.
                SiloDidNotAnswer(logger, silo, e.GetType().Name);
                return null;
            }
        }));
        return answers.Max();
    }

    private void Lose(string host, KnownHost entry)
    {
        if (!_hosts.TryRemove(host, out _))
        {
            return;
        }

        outbox.Forget(host);
        _gone[host] = true;
        HostLost(logger, host, entry.Topics.Count);
        // Beside the look: a topic that does not answer must not hide the next host's silence.
        _ = TellTopicsAsync(host, entry);
    }

    private async Task TellTopicsAsync(string host, KnownHost entry)
    {
        TopicId[] topics = [.. entry.Topics.Keys];
        for (var attempt = 1; ; attempt++)
        {
            var untold = new ConcurrentBag<TopicId>();
            await Parallel.ForEachAsync(topics, new ParallelOptions { MaxDegreeOfParallelism = MaxTelling }, async (topic, _) =>
            {
                try
                {
                    await grains.GetTopic(topic).HostLostAsync(host, entry.LastHeard);
                }
                catch (Exception e)
                {
                    // The topic is moving or overloaded; one that comes up anew starts without this host.
                    TopicNotTold(logger, topic.Key, host, e.GetType().Name);
                    untold.Add(topic);
                }
            });
            topics = [.. untold];
            if (topics.Length == 0)
            {
                break;
            }

            if (attempt == MaxAttempts)
            {
                TopicsNeverTold(logger, topics.Length, host);
                break;
            }

            await Task.Delay(AskLimit, time);
        }

        if (!_hosts.ContainsKey(host))
        {
            // What a topic emitted to it until it knew made a new lane.
            outbox.Forget(host);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Host {Host} came.")]
    private static partial void HostCame(ILogger logger, string host);

    [LoggerMessage(2, LogLevel.Information, "Host {Host} left.")]
    private static partial void HostLeft(ILogger logger, string host);

    [LoggerMessage(3, LogLevel.Warning, "Host {Host} fell silent; {Topics} topics of this silo are told.")]
    private static partial void HostLost(ILogger logger, string host, int topics);

    [LoggerMessage(4, LogLevel.Debug, "Silo {Silo} did not say whether it heard of a host: {Reason}.")]
    private static partial void SiloDidNotAnswer(ILogger logger, string silo, string reason);

    [LoggerMessage(5, LogLevel.Debug, "Topic {Topic} could not be told that host {Host} is gone: {Reason}.")]
    private static partial void TopicNotTold(ILogger logger, string topic, string host, string reason);

    [LoggerMessage(6, LogLevel.Error, "{Topics} topics could not be told that host {Host} is gone; its users may be shown on them until they come up anew.")]
    private static partial void TopicsNeverTold(ILogger logger, int topics, string host);

    private sealed class KnownHost
    {
        private long _lastHeard;

        public DateTimeOffset LastHeard
        {
            get => new(Interlocked.Read(ref _lastHeard), TimeSpan.Zero);
            set => Interlocked.Exchange(ref _lastHeard, value.UtcTicks);
        }

        public ConcurrentDictionary<TopicId, bool> Topics { get; } = new();
    }
}
