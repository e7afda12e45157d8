using Clinic.Load.Events;

namespace Clinic.Load.Clients;

/// <summary>One SignalR connection, from its opening to its end; it never reconnects by itself.</summary>
internal abstract class HubLink : IAsyncDisposable
{
    /// <summary>How long a call may stay unanswered before the client asks again.</summary>
    public static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Ends, always without an exception, when the connection is gone.</summary>
    public abstract Task Closed { get; }

    public abstract Task OpenAsync(CancellationToken cancellation);

    /// <summary>Subscribes; <paramref name="apply"/> gets the answer, before anything that came after it where the engine can tell.</summary>
    public abstract Task SubscribeAsync(string topic, Position? since, Action<SubscribeAnswer> apply, CancellationToken cancellation);

    /// <summary>Cuts the connection without a word, as a crash of the client would.</summary>
    public abstract void Abort();

    public abstract ValueTask DisposeAsync();
}
