using Clinic.Faults.Check;
using Clinic.Faults.Schedules;
using Clinic.Load;
using Clinic.Load.Events;

namespace Clinic.Faults.Laboratory;

/// <summary>A fault as it happened.</summary>
/// <param name="Fault">As it was planned.</param>
/// <param name="Began">When it was there, in seconds.</param>
/// <param name="Ended">When it was ended and what it broke was up again.</param>
/// <param name="Outage">
/// The longest time in which a topic could not be published to, from its beginning until <see cref="Schedule.Healing"/> after its end; what
/// another fault of the same time did counts for both.
/// </param>
internal sealed record FaultSeen(PlannedFault Fault, double Began, double Ended, double Outage);

/// <summary>What became of one schedule.</summary>
/// <param name="Schedule">The schedule.</param>
/// <param name="Faults">What happened.</param>
/// <param name="Findings">What the checker says.</param>
/// <param name="Stuck">Who did not get on again although nothing was broken any more.</param>
/// <param name="Ended">Processes that had ended and were started again.</param>
/// <param name="Acknowledged">Publishes that were acknowledged.</param>
/// <param name="Abandoned">Publishes that were given up after a minute of retries.</param>
/// <param name="Reconnects">Times that a reader came back.</param>
internal sealed record ScheduleResult(
    Schedule Schedule,
    IReadOnlyList<FaultSeen> Faults,
    Findings Findings,
    IReadOnlyList<string> Stuck,
    IReadOnlyList<ProcessName> Ended,
    long Acknowledged,
    long Abandoned,
    long Reconnects)
{
    public bool Holds => Findings.Violations.Count == 0 && Stuck.Count == 0;
}

/// <summary>Lives one schedule on a cluster that runs: clinics with their daily life, the faults in their time, then the check.</summary>
internal sealed class ScheduleRun(IFaultTarget target, ClinicSize size, ClinicSize crowd, TimeProvider time)
{
    private static readonly TimeSpan SettleLimit = TimeSpan.FromSeconds(60);

    public async Task<ScheduleResult> RunAsync(Schedule schedule)
    {
        var ended = await target.ReviveAsync();
        var log = new HistoryLog();
        var breaker = new Breaker(target, log);
        var marks = ClinicMark.Draw(3);
        using var http = LoadRun.NewHttp();
        var clinics = new List<LabClinic>
        {
            new(marks[0], marks, size, target, log, http, time),
            new(marks[1], marks, size, target, log, http, time),
        };
        if (schedule.Faults.Any(fault => fault.Kind == FaultKind.ReconnectStorm))
        {
            clinics.Add(new LabClinic(marks[2], marks, crowd, target, log, http, time));
        }

        try
        {
            foreach (var clinic in clinics)
            {
                await clinic.ConnectAsync();
            }

            var start = MonotonicClock.Now + MonotonicClock.Ticks(TimeSpan.FromMilliseconds(200));
            var until = start + MonotonicClock.Ticks(TimeSpan.FromSeconds(schedule.Length));
            var life = Task.WhenAll(clinics.Select(clinic => clinic.LiveAsync(start, until, schedule.Seed)));
            var seen = await Task.WhenAll(schedule.Faults.Select(fault => BreakAsync(fault, breaker, start, log)));
            await life;
            var revived = await target.ReviveAsync();
            var stuck = await SettleAsync(clinics);
            var topics = clinics.SelectMany(clinic => clinic.Topics.Select(topic => new TopicName(clinic.Mark.Name, topic.Topic))).ToList();
            var rows = await StoredLog.ReadAsync(target.Database, topics);
            var connected = clinics.SelectMany(clinic => clinic.Readers).Where(reader => reader.IsConnected).Select(reader => reader.Place.User).ToHashSet();
            var history = log.Close(connected.Contains, rows);
            var findings = Checker.Check(history);
            stuck.AddRange(clinics.Where(clinic => history.Marks.All(mark => mark.MarkOf != clinic.Mark.Name))
                .Select(clinic => $"nobody was sent the mark of {clinic.Mark.Name}: whoever looks for foreign bytes by it is blind"));
            foreach (var stray in clinics.Where(clinic => clinic.Strays.Count > 0))
            {
                stuck.Add($"{stray.Strays.Count} events of topics that a client of {stray.Mark.Name} never asked for, first {stray.Strays.FirstTopic}");
            }

            return new ScheduleResult(
                schedule,
                [.. seen.Select(fault => fault with
                {
                    Outage = clinics.Max(clinic => clinic.LongestOutage(At(log, fault.Began), At(log, fault.Ended + Schedule.Healing))),
                })],
                findings,
                stuck,
                [.. ended, .. revived],
                clinics.Sum(clinic => clinic.Published.Acknowledged),
                clinics.Sum(clinic => clinic.Published.Abandoned),
                clinics.Sum(clinic => clinic.Readers.Sum(reader => (long)reader.Reconnects)));
        }
        finally
        {
            foreach (var clinic in clinics)
            {
                await clinic.StopAsync();
                clinic.Dispose();
            }
        }
    }

    private static long At(HistoryLog log, double seconds) => MonotonicClock.Now + MonotonicClock.Ticks(TimeSpan.FromSeconds(seconds - log.Now));

    private static async Task<FaultSeen> BreakAsync(PlannedFault fault, Breaker breaker, long start, HistoryLog log)
    {
        await UntilAsync(start, fault.At);
        var began = log.Now;
        var end = await breaker.BeginAsync(fault);
        await UntilAsync(start, fault.Until);
        await end();
        return new FaultSeen(fault, began, log.Now, 0);
    }

    private static async Task UntilAsync(long start, double second)
    {
        var wait = second - MonotonicClock.Seconds(MonotonicClock.Now - start);
        if (wait > 0)
        {
            await Task.Delay(TimeSpan.FromSeconds(wait));
        }
    }

    /// <returns>Who did not get on within the time.</returns>
    private static async Task<List<string>> SettleAsync(List<LabClinic> clinics)
    {
        var giveUp = MonotonicClock.Now + MonotonicClock.Ticks(SettleLimit);
        while (!clinics.All(clinic => clinic.IsSettled) && MonotonicClock.Now < giveUp)
        {
            await Task.Delay(50);
        }

        return
        [
            .. clinics.Where(clinic => clinic.Publisher.UnderWay > 0)
                .Select(clinic => $"{clinic.Publisher.UnderWay} publishes of {clinic.Mark.Name} were still under way"),
            .. clinics.SelectMany(clinic => clinic.Readers).Where(reader => !reader.IsConnected)
                .Select(reader => $"{reader.Place.User} was not connected at the end: {reader.FatalError ?? reader.LastError}"),
            .. clinics.SelectMany(clinic => clinic.Readers).Where(reader => reader.FatalError is not null)
                .Select(reader => $"{reader.Place.User} was refused: {reader.FatalError}"),
        ];
    }
}
