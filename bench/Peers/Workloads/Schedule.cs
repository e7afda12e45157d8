using Clinic.Load.Events;

namespace Clinic.Peers.Workloads;

/// <summary>Does something at a fixed rate, whatever the servers do (open loop).</summary>
internal static class Schedule
{
    /// <summary>Calls <paramref name="send"/> with each due time and its number, on a thread of its own, so many times.</summary>
    public static Task RunAsync(long from, double rate, int count, Action<long, int> send, CancellationToken cancellation)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var period = MonotonicClock.Ticks(TimeSpan.FromSeconds(1)) / rate;
        new Thread(() =>
        {
            try
            {
                for (var number = 0; number < count && !cancellation.IsCancellationRequested; number++)
                {
                    var due = from + (long)(number * period);
                    MonotonicClock.WaitUntil(due);
                    send(due, number);
                }

                done.SetResult();
            }
            catch (Exception exception)
            {
                // The thread's end would be the process's: whoever waits is told instead.
                done.SetException(exception);
            }
        })
        { IsBackground = true, Name = "schedule" }.Start();
        return done.Task;
    }
}
