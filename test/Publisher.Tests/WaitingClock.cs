using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace Clinic.Publisher;

/// <summary>Time passes when a test says so; whoever begins to wait is announced, so that a test never moves time too early.</summary>
internal sealed class WaitingClock : FakeTimeProvider
{
    private readonly Channel<TimeSpan> _waits = Channel.CreateUnbounded<TimeSpan>();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        if (dueTime > TimeSpan.Zero)
        {
            _waits.Writer.TryWrite(dueTime);
        }

        return timer;
    }

    /// <summary>The next wait that somebody begins.</summary>
    public async Task<TimeSpan> NextWaitAsync(string what)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        try
        {
            return await _waits.Reader.ReadAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"Nobody began to wait: {what}");
        }
    }
}
