namespace Clinic.Faults.Check;

/// <summary>Holds what readers got, and what the log has, against what was published: nothing lost, repeated, swapped or made up.</summary>
internal sealed class EventCheck(History history)
{
    private readonly Dictionary<TopicName, Dictionary<long, Publish>> _published = history.Publishes
        .GroupBy(publish => publish.Topic).ToDictionary(group => group.Key, group => group.ToDictionary(publish => publish.Id));

    private readonly Dictionary<TopicName, Dictionary<long, long>> _log = [];

    public List<Violation> Violations { get; } = [];

    public long Deliveries { get; private set; }

    public long Recovered { get; private set; }

    public long Reloads { get; private set; }

    public void Run()
    {
        foreach (var topic in history.Rows.GroupBy(row => row.Topic))
        {
            CheckLog(topic.Key, [.. topic.OrderBy(row => row.Offset)]);
        }

        foreach (var publish in history.Publishes)
        {
            if (publish.Offset is { } offset && (!_log.TryGetValue(publish.Topic, out var log) || log.GetValueOrDefault(offset, -1) != publish.Id))
            {
                Add(Breach.Lost, $"{publish.Topic}: {publish.Id} was acknowledged with {offset}, where the log does not have it");
            }
        }

        foreach (var reading in history.Readings)
        {
            var reader = new Reader(this, reading);
            reader.Run();
        }
    }

    private void CheckLog(TopicName topic, List<LogRow> rows)
    {
        var log = _log[topic] = [];
        var ids = new HashSet<long>();
        for (var index = 0; index < rows.Count; index++)
        {
            var row = rows[index];
            log[row.Offset] = row.Id;
            if (index > 0 && row.Offset != rows[index - 1].Offset + 1)
            {
                Add(Breach.Lost, $"{topic}: the log goes from {rows[index - 1].Offset} to {row.Offset}");
            }

            if (!IsPublished(topic, row.Id))
            {
                Add(Breach.Phantom, $"{topic}: nobody published what the log has at {row.Offset}");
            }
            else if (!ids.Add(row.Id))
            {
                Add(Breach.Repeated, $"{topic}: {row.Id} is in the log again at {row.Offset}");
            }
        }
    }

    private bool IsPublished(TopicName topic, long id) => _published.TryGetValue(topic, out var published) && published.ContainsKey(id);

    private void Add(Breach breach, string what) => Violations.Add(new Violation(breach, what));

    /// <summary>Follows one client through one topic, as the contract tells a client to read.</summary>
    private sealed class Reader(EventCheck check, Reading reading)
    {
        private readonly List<ReadEvent> _kept = [];
        private readonly HashSet<long> _taken = [];
        private readonly HashSet<long> _missing = [];
        private readonly HashSet<long> _offsets = [];
        private string _epoch = "";
        private long _last = -1;
        private bool _pending = true;

        public void Run()
        {
            foreach (var step in reading.Steps)
            {
                switch (step)
                {
                    case Asked: _pending = true; break;
                    case Broken: _pending = true; _kept.Clear(); break;
                    case ToldToReload: check.Reloads++; Reload(); break;
                    case Answered answer: Take(answer); break;
                    case Got got when _pending: _kept.Add(got.Event); break;
                    case Got got: TakeLive(got.Event); break;
                    default: throw new InvalidOperationException($"{step} is no step of a reader");
                }
            }

            foreach (var hole in _missing.Order())
            {
                Add(Breach.Lost, $"never got {hole}");
            }

            if (reading.ReadsAtEnd && check._log.TryGetValue(reading.Topic, out var log))
            {
                foreach (var offset in log.Keys.Where(offset => offset > _last).Order())
                {
                    Add(Breach.Lost, $"never got {offset}, the last was {_last}");
                }
            }
        }

        private void Take(Answered answer)
        {
            if (answer.Recovered && answer.Since is { } since)
            {
                if (answer.Epoch != answer.SinceEpoch || answer.Offset < since || answer.Events.Count != answer.Offset - since)
                {
                    Add(Breach.Contradiction, $"asked since {since} of {answer.SinceEpoch}, told {answer.Events.Count} events up to {answer.Offset} of {answer.Epoch}");
                }

                // What was delivered live between the call and its answer comes in both, as the client asked.
                var before = _last;
                var expected = since;
                foreach (var missed in answer.Events)
                {
                    if (missed.Offset != ++expected)
                    {
                        Add(Breach.Swapped, $"the answer since {since} has {missed.Offset} where {expected} belongs");
                        expected = missed.Offset;
                    }

                    if (missed.Offset > before)
                    {
                        check.Recovered++;
                        Deliver(missed);
                    }
                }
            }
            else
            {
                if (answer.Since is not null)
                {
                    check.Reloads++;
                    Reload();
                }
                else if (_last >= 0 && answer.Offset < _last && answer.Epoch == _epoch)
                {
                    Add(Breach.Contradiction, $"the topic is at {answer.Offset} although {_last} was delivered");
                }

                // Who asks for the present reloads; what was missed until then is not lost silently.
                _missing.Clear();
                _last = answer.Offset;
            }

            _epoch = answer.Epoch;
            _pending = false;
            var answered = answer.Offset;
            foreach (var kept in _kept.Where(kept => kept.Offset > answered || kept.Epoch != _epoch))
            {
                TakeLive(kept);
            }

            _kept.Clear();
        }

        private void TakeLive(ReadEvent live)
        {
            if (live.Epoch != _epoch)
            {
                Add(Breach.Contradiction, $"{live.Offset} came with epoch {live.Epoch}, not {_epoch}");
            }

            Deliver(live);
        }

        private void Deliver(ReadEvent read)
        {
            check.Deliveries++;
            if (read.Clinic.Length > 0 && read.Clinic != reading.Topic.Clinic)
            {
                Add(Breach.ForeignBytes, $"{read.Offset} is an event of {read.Clinic}");
                return;
            }

            if (read.Offset > _last)
            {
                for (var hole = _last + 1; hole < read.Offset && _last >= 0; hole++)
                {
                    _missing.Add(hole);
                }

                _last = read.Offset;
            }
            else if (_missing.Remove(read.Offset))
            {
                Add(Breach.Swapped, $"{read.Offset} came after {_last}");
            }
            else if (_offsets.Contains(read.Offset))
            {
                Add(Breach.Repeated, $"{read.Offset} came again");
                return;
            }
            else
            {
                Add(Breach.Repeated, $"{read.Offset} came although the client was told {_last} already");
                return;
            }

            _offsets.Add(read.Offset);
            if (!check.IsPublished(reading.Topic, read.Id))
            {
                Add(Breach.Phantom, $"nobody published what came as {read.Offset}");
            }
            else if (!_taken.Add(read.Id))
            {
                Add(Breach.Repeated, $"{read.Id} came again as {read.Offset}");
            }
            else if (!check._log.TryGetValue(reading.Topic, out var log) || !log.TryGetValue(read.Offset, out var id))
            {
                Add(Breach.Phantom, $"{read.Offset} is not in the log");
            }
            else if (id != read.Id)
            {
                Add(Breach.Swapped, $"{read.Offset} came as {read.Id}, the log has {id} there");
            }
        }

        private void Reload()
        {
            _missing.Clear();
            _pending = true;
        }

        private void Add(Breach breach, string what) => check.Add(breach, $"{reading.Client} of {reading.Topic}: {what}");
    }
}
