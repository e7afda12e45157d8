namespace Clinic.Publisher;

/// <summary>How long to wait after a try that failed: exponential with full jitter, on top of what the other side asked for.</summary>
internal static class RetryDelay
{
    /// <summary>The first pause is at most this long; the bound doubles with each failure.</summary>
    public static readonly TimeSpan First = TimeSpan.FromMilliseconds(200);

    /// <summary>Where doubling ends: also how late the news may come when the service is back.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    /// <summary>A wrong key is mended by people: half of this to all of it between tries, so that the roll-over of a key loses nothing.</summary>
    public static readonly TimeSpan ForKey = TimeSpan.FromSeconds(30);

    private const int MaxDoublings = 20;

    /// <summary>The pause.</summary>
    /// <param name="failed">What the try came to.</param>
    /// <param name="failuresBefore">Failures of this event before that one.</param>
    /// <param name="random">0 up to 1.</param>
    /// <param name="left">How long the event is still worth sending; the pause ends no later, so that it is dropped in time.</param>
    public static TimeSpan After(Attempt failed, int failuresBefore, double random, TimeSpan left)
    {
        var pause = failed.Verdict == Verdict.KeyRefused
            ? ForKey * (0.5 + (random / 2))
            : Least(Longest, First * Math.Pow(2, Math.Min(failuresBefore, MaxDoublings))) * random;
        if (failed.RetryAfter is { } asked && asked > TimeSpan.Zero)
        {
            // Capped first: a header may name more than a time span can hold a sum of.
            pause += Least(asked, TimeSpan.FromDays(1));
        }

        return left <= TimeSpan.Zero ? TimeSpan.Zero : Least(pause, left);
    }

    private static TimeSpan Least(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
