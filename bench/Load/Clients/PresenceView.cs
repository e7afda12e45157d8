namespace Clinic.Load.Clients;

/// <summary>One client's picture of who is in a topic: a snapshot, then diffs whose versions rise by one.</summary>
internal sealed class PresenceView(string topic, int users, Action<int, Standing, Standing>? changed = null)
{
    private readonly Lock _lock = new();
    private readonly Standing[] _standings = new Standing[users];
    private readonly List<PresenceChanges> _kept = [];
    private string? _epoch;
    private long _version;
    private bool _pending = true;

    public string Topic { get; } = topic;

    /// <summary>How many users are shown as present, live or reconnecting.</summary>
    public int Present { get; private set; }

    /// <summary>Times a version was skipped, after which the client has to subscribe again.</summary>
    public int Gaps { get; private set; }

    /// <summary>Runs under the lock after each change of the picture.</summary>
    public Action<PresenceView>? Observed { get; set; }

    public Standing StandingOf(int user)
    {
        lock (_lock)
        {
            return _standings[user];
        }
    }

    public void Begin()
    {
        lock (_lock)
        {
            _pending = true;
        }
    }

    public void Disconnected()
    {
        lock (_lock)
        {
            _pending = true;
            _kept.Clear();
        }
    }

    public void Snapshot(PresenceChanges snapshot)
    {
        lock (_lock)
        {
            var shown = new Standing[_standings.Length];
            foreach (var (user, standing) in snapshot.Changes)
            {
                if (user >= 0 && user < shown.Length)
                {
                    shown[user] = standing;
                }
            }

            for (var user = 0; user < shown.Length; user++)
            {
                Show(user, shown[user]);
            }

            _epoch = snapshot.Epoch;
            _version = snapshot.Version;
            _pending = false;
            foreach (var diff in _kept)
            {
                ApplyLive(diff);
            }

            _kept.Clear();
            Observed?.Invoke(this);
        }
    }

    /// <summary>Takes a diff; false when the picture has a gap and the client must subscribe again.</summary>
    public bool Apply(PresenceChanges diff)
    {
        lock (_lock)
        {
            if (_pending)
            {
                _kept.Add(diff);
                return true;
            }

            var whole = ApplyLive(diff);
            Observed?.Invoke(this);
            return whole;
        }
    }

    private bool ApplyLive(PresenceChanges diff)
    {
        if (diff.Epoch == _epoch && diff.Version <= _version)
        {
            return true;
        }

        if (diff.Epoch != _epoch || diff.Version != _version + 1)
        {
            Gaps++;
            return false;
        }

        _version = diff.Version;
        foreach (var (user, standing) in diff.Changes)
        {
            if (user >= 0 && user < _standings.Length)
            {
                Show(user, standing);
            }
        }

        return true;
    }

    private void Show(int user, Standing standing)
    {
        var before = _standings[user];
        if (before == standing)
        {
            return;
        }

        _standings[user] = standing;
        Present += (standing == Standing.Absent ? 0 : 1) - (before == Standing.Absent ? 0 : 1);
        changed?.Invoke(user, before, standing);
    }
}
