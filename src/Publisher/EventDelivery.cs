using Microsoft.Extensions.Options;
using Polly;
using Polly.Retry;

namespace Clinic.Publisher;

/// <summary>
/// Takes one event to its end: tries, and tries again while that makes sense. A pause holds no slot, so that a topic in trouble does not keep the others
/// from being served.
/// </summary>
internal sealed class EventDelivery : IDisposable
{
    private static readonly ResiliencePropertyKey<OutgoingEvent> Subject = new("event");
    private readonly IEventTransport _transport;
    private readonly PublisherMetrics _metrics;
    private readonly PublisherReport _report;
    private readonly TimeProvider _time;
    private readonly TimeSpan _giveUpAfter;
    private readonly SemaphoreSlim _slots;
    private readonly ResiliencePipeline<Attempt> _retries;

    public EventDelivery(
        IEventTransport transport, IOptions<ClinicPublisherOptions> options, PublisherMetrics metrics, PublisherReport report, TimeProvider time, Random random)
    {
        (_transport, _metrics, _report, _time) = (transport, metrics, report, time);
        _giveUpAfter = options.Value.GiveUpAfter;
        _slots = new SemaphoreSlim(options.Value.Concurrency);
        _retries = new ResiliencePipelineBuilder<Attempt> { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions<Attempt>
            {
                MaxRetryAttempts = int.MaxValue,
                ShouldHandle = args => ValueTask.FromResult(args.Outcome.Exception is null && args.Outcome.Result.Verdict is Verdict.Again or Verdict.KeyRefused),
                DelayGenerator = args => ValueTask.FromResult<TimeSpan?>(
                    RetryDelay.After(args.Outcome.Result, args.AttemptNumber, random.NextDouble(), Left(SubjectOf(args.Context)))),
                OnRetry = args =>
                {
                    Retries(SubjectOf(args.Context), args.Outcome.Result);
                    return ValueTask.CompletedTask;
                },
            })
            .Build();
    }

    /// <summary>Returns what the last try came to: delivered, refused or expired.</summary>
    public async Task<Attempt> DeliverAsync(OutgoingEvent delivered, CancellationToken cancellation)
    {
        var context = ResilienceContextPool.Shared.Get(cancellation);
        context.Properties.Set(Subject, delivered);
        try
        {
            return await _retries.ExecuteAsync(static (context, self) => self.TryAsync(SubjectOf(context), context.CancellationToken), context, this);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    public void Dispose() => _slots.Dispose();

    private static OutgoingEvent SubjectOf(ResilienceContext context) => context.Properties.GetValue(Subject, null!);

    private async ValueTask<Attempt> TryAsync(OutgoingEvent tried, CancellationToken cancellation)
    {
        // Where calls hang and topics are many, a slot may be long in coming.
        var left = Left(tried);
        if (left <= TimeSpan.Zero || !await _slots.WaitAsync(left, cancellation))
        {
            return Attempt.Expired;
        }

        try
        {
            return Left(tried) > TimeSpan.Zero ? await _transport.SendAsync(tried, cancellation) : Attempt.Expired;
        }
        finally
        {
            _slots.Release();
        }
    }

    private TimeSpan Left(OutgoingEvent tried) => _giveUpAfter - _time.GetElapsedTime(tried.Queued);

    private void Retries(OutgoingEvent tried, Attempt failed)
    {
        _metrics.Retried(failed.Reason);
        _report.Retries(tried, failed);
    }
}
