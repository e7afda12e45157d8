namespace Clinic.Publisher;

/// <summary>Carries one event to the Clinic, once.</summary>
internal interface IEventTransport
{
    /// <summary>Sends it. Trouble on the way is an <see cref="Attempt"/>; only cancellation and bugs are thrown.</summary>
    Task<Attempt> SendAsync(OutgoingEvent sent, CancellationToken cancellation);
}

/// <summary>What one try came to.</summary>
/// <param name="Verdict">Whether that was the end of it.</param>
/// <param name="Reason">Few-valued, for logs and metrics: a status, or the kind of trouble.</param>
/// <param name="RetryAfter">How long the other side wants to be left alone, if it said so.</param>
internal readonly record struct Attempt(Verdict Verdict, string Reason, TimeSpan? RetryAfter = null)
{
    public static readonly Attempt Delivered = new(Verdict.Delivered, "");
    public static readonly Attempt Expired = new(Verdict.Expired, "");
}

/// <summary>The ends of a try.</summary>
internal enum Verdict
{
    /// <summary>The Clinic has it for good.</summary>
    Delivered,

    /// <summary>A repeat may succeed with nothing changed.</summary>
    Again,

    /// <summary>A repeat may succeed once an operator has mended the key.</summary>
    KeyRefused,

    /// <summary>No repeat will help.</summary>
    Refused,

    /// <summary>It had become too old to be sent.</summary>
    Expired,
}
