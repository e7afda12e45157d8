namespace Clinic.Faults.Check;

/// <summary>A user's connections as they were in truth: alive for certain, dead for certain, or neither.</summary>
internal sealed class Truth
{
    private readonly List<(Span Whole, double? Live, string Host)> _spans;
    private readonly IReadOnlyList<PathFault> _faults;

    public Truth(IEnumerable<Connection> connections, IReadOnlyList<PathFault> faults)
    {
        _faults = faults;
        _spans =
        [
            .. connections.OrderBy(connection => connection.Opening)
                .Select(connection => (new Span(connection.Opening, EndOf(connection)), connection.Live, connection.Host)),
        ];
    }

    /// <summary>The times without any connection: each from the death of the last one to the attempt at the next.</summary>
    public IEnumerable<Span> Deaths()
    {
        var latest = double.NegativeInfinity;
        for (var index = 0; index < _spans.Count; index++)
        {
            latest = Math.Max(latest, Known(_spans[index].Whole.Until, _spans[index].Host));
            var next = index + 1 < _spans.Count ? _spans[index + 1].Whole.From : double.PositiveInfinity;
            if (next > latest)
            {
                yield return new Span(latest, next);
            }
        }
    }

    /// <summary>Whether a connection had everything subscribed for some time, and nothing was in its way.</summary>
    public bool IsLive(double at, double since) =>
        _spans.Any(span => span.Live is { } live && live + since <= at && span.Whole.Holds(at) && !IsUnsure(span.Host, at));

    /// <summary>Whether a connection is there that hears what its host says, be it still subscribing.</summary>
    public bool Hears(double at) => _spans.Any(span => span.Whole.Holds(at) && !IsUnsure(span.Host, at));

    /// <summary>The times in which everything was subscribed and nothing in the way.</summary>
    public IEnumerable<Span> LiveSpans()
    {
        foreach (var (whole, live, host) in _spans)
        {
            if (live is not { } from)
            {
                continue;
            }

            foreach (var fault in _faults.Where(fault => fault.Host == host && !fault.Kills && fault.From < whole.Until && fault.Until > from)
                .OrderBy(fault => fault.From))
            {
                if (fault.From > from)
                {
                    yield return new Span(from, fault.From);
                }

                from = Math.Max(from, fault.Until);
            }

            if (from < whole.Until)
            {
                yield return new Span(from, whole.Until);
            }
        }
    }

    private bool IsUnsure(string host, double at) => _faults.Any(fault => fault.Host == host && !fault.Kills && at >= fault.From && at < fault.Until);

    /// <summary>Nobody can say when a connection to a process that stands still died: not before that is over.</summary>
    private double Known(double end, string host) =>
        _faults.Where(fault => fault.Host == host && !fault.Kills && end >= fault.From && end < fault.Until)
            .Select(fault => fault.Until).Append(end).Max();

    private double EndOf(Connection connection) =>
        _faults.Where(fault => fault.Kills && fault.Host == connection.Host && fault.From >= connection.Opening)
            .Select(fault => fault.From).Append(connection.Ended ?? double.PositiveInfinity).Min();
}
