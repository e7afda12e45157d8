using Clinic.Topics;

namespace Clinic.Realtime;

/// <summary>A subscription on its way: what came for it meanwhile, and what the log said about what it missed.</summary>
internal sealed class Joiner(LiveConnection connection, LogPosition? since)
{
    private readonly TaskCompletionSource<WireSubscription> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public LiveConnection Connection => connection;

    /// <summary>Where the client says it is; null when it starts anew.</summary>
    public LogPosition? Since => since;

    /// <summary>The log's answer; null while it is out.</summary>
    public LogSlice? Slice { get; set; }

    /// <summary>The offset after which <see cref="Buffer"/> has every event.</summary>
    public long BufferedFrom { get; set; }

    /// <summary>Live events since the subscription began.</summary>
    public List<WireEvent> Buffer { get; } = [];

    public Task<WireSubscription> Answer => _answer.Task;

    public bool Complete(WireSubscription answer) => _answer.TrySetResult(answer);

    /// <summary>The client is gone or unsubscribed meanwhile.</summary>
    public bool Cancel()
    {
        _answer.TrySetCanceled();
        return true;
    }
}
