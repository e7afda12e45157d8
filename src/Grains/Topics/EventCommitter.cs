using System.Threading.Channels;
using Clinic.Storage;

namespace Clinic.Topics;

/// <summary>
/// Commits what all topics of this silo want to append. What waits together goes into one transaction, so a burst costs few of them, and a lone
/// event does not wait for company.
/// </summary>
internal sealed class EventCommitter : IAsyncDisposable
{
    private const int MaxGroup = 256;
    private readonly IEventStore _store;
    private readonly TopicMetrics _metrics;
    private readonly Channel<Waiting> _waiting = Channel.CreateUnbounded<Waiting>(new UnboundedChannelOptions { SingleReader = true });
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    public EventCommitter(IEventStore store, TopicMetrics metrics)
    {
        _store = store;
        _metrics = metrics;
        _running = Task.Run(RunAsync);
    }

    /// <summary>Waits for the commit. Bounded by the topics, each of which has one append under way at most.</summary>
    /// <returns>False when the stored head is not the expected one.</returns>
    /// <exception cref="System.Data.Common.DbException">The database failed; whether it committed is unknown.</exception>
    public Task<bool> AppendAsync(LogAppend append)
    {
        var waiting = new Waiting(append, new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously));
        return _waiting.Writer.TryWrite(waiting)
            ? waiting.Done.Task
            : Task.FromException<bool>(new ObjectDisposedException(nameof(EventCommitter)));
    }

    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _running;
        await _stop.CancelAsync();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        var group = new List<Waiting>(MaxGroup);
        while (await _waiting.Reader.WaitToReadAsync())
        {
            group.Clear();
            while (group.Count < MaxGroup && _waiting.Reader.TryRead(out var waiting))
            {
                group.Add(waiting);
            }

            await CommitAsync(group);
        }
    }

    private async Task CommitAsync(List<Waiting> group)
    {
        try
        {
            var done = await _store.AppendAsync(group.ConvertAll(w => w.Append), _stop.Token);
            _metrics.GroupCommitted(group.Count);
            for (var i = 0; i < group.Count; i++)
            {
                group[i].Done.SetResult(done[i]);
            }
        }
        catch (Exception e)
        {
            // Nobody but the topics can act on it: each of them looks up what really happened before it goes on.
            foreach (var waiting in group)
            {
                waiting.Done.TrySetException(e);
            }
        }
    }

    private sealed record Waiting(LogAppend Append, TaskCompletionSource<bool> Done);
}
