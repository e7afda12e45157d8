using Clinic.Load.Clients;
using Clinic.Load.Events;

namespace Clinic.Load;

/// <summary>Notes when each client first saw everybody of its clinic present.</summary>
internal sealed class SigninWatch(List<ClinicClient> clients, int tenants)
{
    private readonly long[] _complete = new long[clients.Count];
    private readonly long[] _subscribed = new long[clients.Count];
    private long _start;

    public void Arm(long start)
    {
        _start = start;
        foreach (var client in clients)
        {
            var number = client.Place.Number;
            var expected = (clients.Count - (number % tenants) + tenants - 1) / tenants;
            client.Place.Presence!.Observed = view =>
            {
                if (_subscribed[number] == 0)
                {
                    _subscribed[number] = MonotonicClock.Now;
                }

                if (_complete[number] == 0 && view.Present >= expected)
                {
                    _complete[number] = MonotonicClock.Now;
                }
            };
        }
    }

    public SigninReport Report()
    {
        var times = _complete.Where(instant => instant > 0).Select(instant => MonotonicClock.Seconds(instant - _start)).Order().ToList();
        return new SigninReport(
            times.Count,
            times.Count == 0 ? 0 : times[times.Count / 2],
            times.Count == 0 ? 0 : times[^1],
            MonotonicClock.Seconds(_subscribed.Max() - _start));
    }
}
