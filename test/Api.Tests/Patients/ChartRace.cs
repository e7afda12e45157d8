using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Clinic.Charts;
using Clinic.Records;
using Clinic.Topics;

namespace Clinic.Patients;

/// <summary>
/// Writers and editors on one section. Everything that succeeds leaves an event on the chart, and the events have the order of the commits,
/// so that reading them again shows who held the section when a write was let through.
/// </summary>
internal sealed class ChartRace(RecordApp app, string tenant, TopicId chart, ChartStore charts)
{
    private readonly ConcurrentDictionary<string, Held> _leases = new();
    private readonly ConcurrentDictionary<int, string?> _presented = new();
    private readonly ConcurrentBag<(string? Presented, string? HeldBy, long From, long Until)> _refusals = [];
    private readonly SemaphoreSlim _grain = new(1, 1);
    private readonly SemaphoreSlim _sending = new(100, 100);
    private int _leaseCount;
    private StoredEdit? _current;
    private string? _last;
    private long _clock;

    /// <summary>Takes, takes over and gives back the section in turn with the other editors, as the chart's grain would.</summary>
    public async Task EditAsync(int editor, CancellationToken over)
    {
        var random = new Random(editor);
        while (!over.IsCancellationRequested)
        {
            await _grain.WaitAsync(CancellationToken.None);
            try
            {
                if (_current is { } held && random.Next(3) == 0)
                {
                    Assert.True(await charts.EndEditAsync(chart, "vitals", held.Lease, [Draft("edit:ended", held.Lease)], CancellationToken.None));
                    Ended(held);
                    _current = null;
                }
                else
                {
                    await TakeAsync($"editor {editor}");
                }
            }
            finally
            {
                _grain.Release();
            }

            await Task.Yield();
        }
    }

    /// <summary>Writes with no lease, with the one held now, or with one that was lost.</summary>
    public async Task WriteAsync(int writer, int rounds)
    {
        var random = new Random(1000 + writer);
        var client = app.As(tenant, $"writer {writer}");
        for (var round = 0; round < rounds; round++)
        {
            // A lease is chosen when the write is sent: one that waits behind a thousand others comes with a lease of long ago, and nothing is let through.
            await _sending.WaitAsync();
            using var sent = new Release(_sending);
            var write = (writer * rounds) + round;
            var lease = random.Next(4) switch { 0 => null, 1 => _last, _ => Volatile.Read(ref _current)?.Lease };
            _presented[write] = lease;
            var from = Interlocked.Increment(ref _clock);
            // The weight says which write it is.
            var reply = await client.PatchAsync("/api/patients/p1/vitals", $$"""{"weight":{{1 + (write / 4.0)}}}""", lease: lease);
            if (reply.Status != HttpStatusCode.OK)
            {
                reply.ExpectProblem(HttpStatusCode.Conflict, "conflict");
                _refusals.Add((lease, (string?)reply.Json["heldBy"]?["name"], from, Interlocked.Increment(ref _clock)));
            }
        }
    }

    /// <summary>Asserts that there was never a second holder, that only the holder's lease wrote, and that refusals named who held it.</summary>
    public async Task JudgeAsync(int writes)
    {
        string? holder = null;
        var done = 0;
        foreach (var e in await app.EventsAsync(tenant))
        {
            switch (e.Type)
            {
                case "edit:started":
                    Assert.Null(holder);
                    holder = (string)e.Json["lease"]!;
                    break;
                case "edit:ended":
                    Assert.Equal(holder, (string)e.Json["lease"]!);
                    holder = null;
                    break;
                default:
                    var write = (int)Math.Round(((double)e.Json["weight"]! - 1) * 4);
                    Assert.True(_presented[write] == holder, $"Write {write} was let through with {_presented[write]} while {holder} held the section.");
                    done++;
                    break;
            }
        }

        Assert.Equal(writes, done + _refusals.Count);
        foreach (var (presented, heldBy, from, until) in _refusals)
        {
            Assert.NotEqual(presented, heldBy);
            if (heldBy is null)
            {
                Assert.True(presented is not null && _leases.ContainsKey(presented), "A write without a lease was refused and no holder named.");
                continue;
            }

            var held = _leases[heldBy];
            Assert.True(held.From < until && held.Until > from, $"{heldBy} did not hold the section when a write was refused for it.");
        }

        // Otherwise nothing of it was tested.
        Assert.True(_leaseCount >= 5, $"The section changed hands {_leaseCount} times only.");
        Assert.InRange(done, 10, writes - 10);
    }

    private async Task TakeAsync(string user)
    {
        var fences = await charts.ReadFencesAsync(chart, CancellationToken.None);
        var lease = $"lease {Interlocked.Increment(ref _leaseCount)}";
        var fence = fences.GetValueOrDefault("vitals");
        // The holder's name is the lease's, so that a refusal tells which one it saw.
        var edit = new StoredEdit(chart, "vitals", lease, fence + 1, "c1", user, lease, app.Time.GetUtcNow());
        _leases[lease] = new Held { From = Interlocked.Increment(ref _clock) };
        EventDraft[] events = _current is { } former
            ? [Draft("edit:ended", former.Lease), Draft("edit:started", lease)]
            : [Draft("edit:started", lease)];
        Assert.True(await charts.TakeEditAsync(edit, fence, events, CancellationToken.None));
        if (_current is { } lost)
        {
            Ended(lost);
        }

        Volatile.Write(ref _current, edit);
    }

    private void Ended(StoredEdit edit)
    {
        _leases[edit.Lease].Until = Interlocked.Increment(ref _clock);
        Volatile.Write(ref _last, edit.Lease);
    }

    private static EventDraft Draft(string type, string lease) => new(type, null, JsonSerializer.SerializeToUtf8Bytes(new { lease }), null);

    private sealed class Release(SemaphoreSlim held) : IDisposable
    {
        public void Dispose() => held.Release();
    }

    private sealed class Held
    {
        public required long From { get; init; }

        public long Until { get; set; } = long.MaxValue;
    }
}
