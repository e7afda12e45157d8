using Clinic.Load.Clients;
using Clinic.Load.Events;

namespace Clinic.Faults;

/// <summary>Compares what watchers see of each user with whether that user's connection is in truth open.</summary>
internal sealed class PresenceJudge(int users, Func<long, double> seconds)
{
    // A change that was true when it was sent may still be on its way when a user is back.
    private static readonly long Settling = MonotonicClock.Ticks(TimeSpan.FromSeconds(1));

    private readonly Lock _lock = new();
    private readonly List<string> _wrongLeaves = [];
    private readonly Dictionary<(int Watcher, int User), long> _lastGone = [];
    private List<ClinicClient> _clients = [];
    private int _leavesInReconnect;
    private int _reconnectingOfLive;
    private int _reconnecting;

    /// <summary>Each is a watcher that was shown somebody as gone whose connection was open.</summary>
    public IReadOnlyList<string> WrongLeaves => _wrongLeaves;

    /// <summary>Leaves of users who were just then on their way back.</summary>
    public int LeavesInReconnect => _leavesInReconnect;

    public int ReconnectingSightings => _reconnecting;

    /// <summary>Users shown as reconnecting whose connection was open all the time.</summary>
    public int ReconnectingOfLive => _reconnectingOfLive;

    public void Judge(List<ClinicClient> clients) => _clients = clients;

    public PresenceView Watch(int watcher) => new("tenant", users, (user, _, after) => Changed(watcher, user, after));

    /// <summary>When the last of the watchers saw the last of the users go; null while somebody is still shown.</summary>
    public double? AllGoneAfter(IReadOnlyCollection<ClinicClient> watchers, IReadOnlyCollection<int> gone, long since)
    {
        lock (_lock)
        {
            var last = since;
            foreach (var watcher in watchers)
            {
                foreach (var user in gone)
                {
                    if (watcher.Place.Presence!.StandingOf(user) != Standing.Absent || !_lastGone.TryGetValue((watcher.Place.Number, user), out var at))
                    {
                        return null;
                    }

                    last = Math.Max(last, at);
                }
            }

            return Math.Round(MonotonicClock.Seconds(last - since), 3);
        }
    }

    /// <summary>What watchers show at the end that is not so.</summary>
    public IEnumerable<string> WrongAtEnd(IReadOnlyCollection<ClinicClient> watchers)
        => from watcher in watchers
           from client in _clients
           let shown = watcher.Place.Presence!.StandingOf(client.Place.Number)
           where shown != (client.IsConnected ? Standing.Live : Standing.Absent)
           select $"{watcher.Place.User} shows {client.Place.User} as {shown} at the end";

    private void Changed(int watcher, int user, Standing after)
    {
        if (_clients.Count == 0)
        {
            return;
        }

        var now = MonotonicClock.Now;
        var client = _clients[user];
        var settled = client.IsConnected && now - client.BackAt > Settling;
        lock (_lock)
        {
            if (after == Standing.Reconnecting)
            {
                _reconnecting++;
                _reconnectingOfLive += settled ? 1 : 0;
            }
            else if (after == Standing.Absent)
            {
                _lastGone[(watcher, user)] = now;
                if (settled)
                {
                    _wrongLeaves.Add($"{seconds(now):0.0} s: watcher {watcher} saw user {user} leave");
                }
                else if (!client.IsGone && !client.StaysAway)
                {
                    _leavesInReconnect++;
                }
            }
        }
    }
}
