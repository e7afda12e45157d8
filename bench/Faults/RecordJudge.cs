using System.Text.Json;
using Clinic.Load.Events;

namespace Clinic.Faults;

/// <summary>Holds what the watchers got, and what is stored, against the writes that were answered.</summary>
internal sealed class RecordJudge(RecordWriters writers, IReadOnlyList<RecordWatcher> watchers)
{
    /// <summary>The topics that every watcher reads.</summary>
    public static IReadOnlyList<string> Topics(string thread) =>
        ["tenant", "user", $"thread:{thread}", .. RecordWriters.Patients.Select(patient => $"patient:{patient}")];

    /// <summary>Waits until every watcher has as many events as there were writes, or the time is up.</summary>
    /// <returns>How long it took, in seconds; null when the time was up.</returns>
    public async Task<double?> SettleAsync(TimeSpan limit)
    {
        var start = MonotonicClock.Now;
        var answered = writers.Answered.ToList();
        while (watchers.Any(watcher => Count(watcher) < Expected(watcher, answered).Count))
        {
            if (MonotonicClock.Now - start > MonotonicClock.Ticks(limit))
            {
                return null;
            }

            await Task.Delay(50);
        }

        return Math.Round(MonotonicClock.Seconds(MonotonicClock.Now - start), 3);
    }

    /// <summary>Adds the figures of events and records, and what is wrong with them.</summary>
    public async Task JudgeAsync(FaultReport report)
    {
        var answered = writers.Answered.ToList();
        var (lost, doubled, foreign, events) = (0, 0, 0, 0);
        foreach (var watcher in watchers)
        {
            var seen = All(watcher).ToList();
            events += seen.Count;
            var keys = seen.Where(e => e.Key is not null).GroupBy(e => e.Key!).ToDictionary(group => group.Key, group => group.Count());
            var expected = Expected(watcher, answered);
            lost += expected.Count(key => !keys.ContainsKey(key));
            doubled += keys.Values.Sum(count => count - 1) + (seen.Count - seen.DistinctBy(e => e.Id).Count());
            foreign += keys.Keys.Count(key => !expected.Contains(key));
            JudgeUnread(watcher, seen, answered, report);
            report.Violations.AddRange(watcher.Faults.Take(10));
        }

        report.Figures["events delivered"] = events;
        report.Figures["events lost"] = lost;
        report.Figures["events doubled"] = doubled;
        report.Figures["events of no answered write"] = foreign;
        report.Figures["events recovered with since"] = watchers.Sum(watcher => watcher.Recovered);
        report.Require(lost == 0, $"{lost} events of answered writes were lost");
        report.Require(doubled == 0, $"{doubled} events came twice");
        report.Require(foreign == 0, $"{foreign} events tell of no write that was answered");
        report.Require(answered.Count > 0, "nothing was written at all");
        report.Violations.AddRange(writers.Faults.Take(10));
        await JudgeRecordsAsync(answered, report);
    }

    private static int Count(RecordWatcher watcher) => All(watcher).Count(e => e.Key is not null);

    private static IEnumerable<SeenEvent> All(RecordWatcher watcher) => watcher.Topics.SelectMany(watcher.Seen);

    private static HashSet<string> Expected(RecordWatcher watcher, List<AnsweredWrite> answered) =>
        [.. answered.Where(write => write.Kind != RecordKind.LabResult || write.Receiver == watcher.User).Select(write => write.Key)];

    /// <summary>The counts are told with each message and notification, and end at what was written.</summary>
    private static void JudgeUnread(RecordWatcher watcher, List<SeenEvent> seen, List<AnsweredWrite> answered, FaultReport report)
    {
        var messages = answered.Count(write => write.Kind == RecordKind.Message);
        var notifications = answered.Count(write => write.Kind == RecordKind.LabResult && write.Receiver == watcher.User);
        var told = seen.Count(e => e.Type == "unread:changed");
        report.Require(told == messages + notifications, $"{watcher.User} was told the counts {told} times, not {messages + notifications}");
        if (watcher.Unread.ValueKind != JsonValueKind.Object)
        {
            report.Violations.Add($"{watcher.User} was told no counts");
            return;
        }

        var counts = (watcher.Unread.GetProperty("messages").GetInt32(), watcher.Unread.GetProperty("notifications").GetInt32());
        report.Require(counts == (messages, notifications), $"{watcher.User} was told {counts} and not {(messages, notifications)}");
    }

    private async Task JudgeRecordsAsync(List<AnsweredWrite> answered, FaultReport report)
    {
        await JudgeListAsync(RecordKind.Appointment, [$"/api/appointments?date={RecordWrite.Day}"], "id");
        await JudgeListAsync(RecordKind.Message, [$"/api/messaging/{writers.Thread}/messages"], "id");
        await JudgeListAsync(RecordKind.LabResult, [.. RecordWriters.Patients.Select(patient => $"/api/lab-results?patientId={patient}")], "test");
        // Each write of vitals has a version of its own; without hole or repeat they are as many as the highest.
        foreach (var patient in answered.Where(write => write.Kind == RecordKind.Vitals).GroupBy(write => write.Key.Split(' ')[0]))
        {
            report.Require(
                patient.Select(write => write.Key).Order(StringComparer.Ordinal)
                    .SequenceEqual(Enumerable.Range(1, patient.Count()).Select(version => $"{patient.Key} version {version}").Order(StringComparer.Ordinal)),
                $"the vitals of {patient.Key} were not written once for each write");
        }

        async Task JudgeListAsync(RecordKind kind, string[] paths, string name)
        {
            var stored = new List<string>();
            foreach (var path in paths)
            {
                stored.AddRange((await writers.ListAsync(path)).Select(item => item.GetProperty(name).GetString()!));
            }

            var written = answered.Where(write => write.Kind == kind).Select(write => write.Key).ToHashSet();
            report.Require(
                stored.Count == written.Count && written.SetEquals(stored),
                $"{written.Count} writes of the kind {kind} were answered, {stored.Count} are stored, {stored.Count(written.Contains)} of them answered");
        }
    }
}
