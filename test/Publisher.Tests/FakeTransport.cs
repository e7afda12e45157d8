using System.Threading.Channels;

namespace Clinic.Publisher;

/// <summary>Calls wait until a test answers them.</summary>
internal sealed class FakeTransport : IEventTransport
{
    private readonly Channel<Call> _calls = Channel.CreateUnbounded<Call>();
    private int _underWay;

    public int MostUnderWay { get; private set; }

    public async Task<Attempt> SendAsync(OutgoingEvent sent, CancellationToken cancellation)
    {
        var call = new Call(sent);
        lock (_calls)
        {
            MostUnderWay = Math.Max(MostUnderWay, ++_underWay);
        }

        _calls.Writer.TryWrite(call);
        try
        {
            return await call.Answered.Task.WaitAsync(cancellation);
        }
        finally
        {
            lock (_calls)
            {
                _underWay--;
            }
        }
    }

    /// <summary>The next call; fails when it is not for this event.</summary>
    public async Task<Call> NextAsync(string? id = null)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        try
        {
            var call = await _calls.Reader.ReadAsync(limit.Token);
            Assert.Equal(id ?? call.Event.Id, call.Event.Id);
            return call;
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"No call came for {id ?? "any event"}.");
        }
    }

    internal sealed record Call(OutgoingEvent Event)
    {
        public TaskCompletionSource<Attempt> Answered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Answer(Verdict verdict, string reason = "", TimeSpan? retryAfter = null) => Answered.SetResult(new Attempt(verdict, reason, retryAfter));

        public void Throw(Exception exception) => Answered.SetException(exception);
    }
}
