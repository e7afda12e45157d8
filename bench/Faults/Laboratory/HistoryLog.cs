using Clinic.Faults.Check;
using Clinic.Load.Clients;
using Clinic.Load.Events;

namespace Clinic.Faults.Laboratory;

/// <summary>Takes the notes of all who take part in a schedule, from many threads, and makes a <see cref="History"/> of them.</summary>
internal sealed class HistoryLog
{
    private readonly Lock _lock = new();
    private readonly long _start = MonotonicClock.Now;
    private readonly Dictionary<(TopicName Topic, long Id), long?> _published = [];
    private readonly List<ReadingNotes> _readings = [];
    private readonly List<ClientNotes> _clients = [];
    private readonly History _history = new();

    /// <summary>Seconds since the beginning.</summary>
    public double Now => MonotonicClock.Seconds(MonotonicClock.Now - _start);

    public double Seconds(long instant) => MonotonicClock.Seconds(instant - _start);

    public void Published(TopicName topic, long id, long? offset)
    {
        lock (_lock)
        {
            _published[(topic, id)] = offset ?? _published.GetValueOrDefault((topic, id));
        }
    }

    public void Saw(UserName watcher, UserName user, Standing standing)
    {
        var shown = standing switch
        {
            Standing.Absent => Shown.Absent,
            Standing.Live => Shown.Live,
            _ => Shown.Reconnecting,
        };
        Add(history => history.Sightings.Add(new Sighting(watcher, user, Now, shown)));
    }

    public void Add(Action<History> note)
    {
        lock (_lock)
        {
            note(_history);
        }
    }

    public IReadingNotes Reading(string client, TopicName topic, Func<int, string> clinicOf)
    {
        var notes = new ReadingNotes(new Reading(client, topic), clinicOf);
        lock (_lock)
        {
            _readings.Add(notes);
        }

        return notes;
    }

    public IClientNotes Client(UserName user, IReadOnlyDictionary<string, byte[]> marks)
    {
        var notes = new ClientNotes(this, user, marks);
        lock (_lock)
        {
            _clients.Add(notes);
        }

        return notes;
    }

    /// <summary>Closes the notes; <paramref name="readsAtEnd"/> says which clients must have everything.</summary>
    public History Close(Func<string, bool> readsAtEnd, IEnumerable<LogRow> rows)
    {
        lock (_lock)
        {
            _history.End = Now;
            _history.Publishes.AddRange(_published.Select(publish => new Publish(publish.Key.Topic, publish.Key.Id, publish.Value)));
            foreach (var notes in _readings)
            {
                var reading = notes.Close();
                reading.ReadsAtEnd = readsAtEnd(reading.Client);
                _history.Readings.Add(reading);
            }

            _history.Connections.AddRange(_clients.SelectMany(client => client.Close()));
            _history.Rows.AddRange(rows);
            return _history;
        }
    }

    /// <summary>Notes one client's reading of one topic; its subscription calls it under a lock of its own.</summary>
    private sealed class ReadingNotes(Reading reading, Func<int, string> clinicOf) : IReadingNotes
    {
        private readonly Lock _lock = new();
        private string _epoch = "";
        private bool _closed;

        public void Asked() => Add(new Asked());

        public void Broken() => Add(new Broken());

        public void ToldToReload() => Add(new ToldToReload());

        public void Answered(SubscribeAnswer answer, Position? since) => Add(new Answered(
            since?.Offset,
            since?.Epoch,
            answer.Epoch,
            answer.Offset,
            answer.Recovered,
            [.. answer.Events.Select(arrival => Event(answer.Epoch, arrival))]));

        public void Got(ReadOnlySpan<byte> epoch, in Arrival arrival)
        {
            // One text for all the events of an epoch.
            if (!System.Text.Ascii.Equals(epoch, _epoch))
            {
                _epoch = System.Text.Encoding.UTF8.GetString(epoch);
            }

            Add(new Got(Event(_epoch, arrival)));
        }

        public Reading Close()
        {
            lock (_lock)
            {
                _closed = true;
                return reading;
            }
        }

        private ReadEvent Event(string epoch, in Arrival arrival) =>
            new(epoch, arrival.Offset, arrival.Sequence, clinicOf(arrival.Run));

        private void Add(ReadStep step)
        {
            lock (_lock)
            {
                if (!_closed)
                {
                    reading.Steps.Add(step);
                }
            }
        }
    }

    /// <summary>Notes one user's connections, and whose marks are in what it is sent.</summary>
    private sealed class ClientNotes(HistoryLog log, UserName user, IReadOnlyDictionary<string, byte[]> marks) : IClientNotes
    {
        private readonly Lock _lock = new();
        private readonly List<Connection> _connections = [];
        private readonly HashSet<string> _foreign = [];

        public void Opening(Uri host) => Note(() => _connections.Add(new Connection(user, host.ToString(), log.Now, null, null)));

        public void Live() => Note(() => _connections[^1] = _connections[^1] with { Live = log.Now });

        public void Ended() => Note(() =>
        {
            // Without a token it never began to connect.
            if (_connections.Count > 0 && _connections[^1].Ended is null)
            {
                _connections[^1] = _connections[^1] with { Ended = log.Now };
            }
        });

        public void Frame(ReadOnlySpan<byte> message)
        {
            foreach (var (clinic, mark) in marks)
            {
                // One sight of each is enough, also of the own, which shows that the marks are there to be found.
                if (!_foreign.Contains(clinic) && message.IndexOf(mark) >= 0)
                {
                    _foreign.Add(clinic);
                    log.Add(history => history.Marks.Add(new MarkSighting(user, clinic, log.Now)));
                }
            }
        }

        public IReadOnlyList<Connection> Close()
        {
            lock (_lock)
            {
                return [.. _connections];
            }
        }

        private void Note(Action note)
        {
            lock (_lock)
            {
                note();
            }
        }
    }
}
