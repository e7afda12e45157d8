using System.Threading.Channels;
using Clinic.Telemetry;
using Clinic.Topics;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Clinic.Streams;

public sealed class LanePumpTests : IHostBatchSender
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private readonly Channel<(HostBatch Batch, TaskCompletionSource Taken)> _sending = Channel.CreateUnbounded<(HostBatch, TaskCompletionSource)>();

    [Fact]
    public async Task A_request_that_comes_too_late_does_not_stop_what_is_being_sent_again()
    {
        using var stop = new CancellationTokenSource();
        var pump = new LanePump(
            "host", "silo", this, new OutboxOptions(), new FakeTimeProvider(), new StreamMetrics(new NoMeters()), NullLogger.Instance, stop.Token);
        for (var i = 1; i <= 3; i++)
        {
            pump.Add(new ReattachItem(TopicId.ForTenant("north")));
            Assert.Equal(i, await SentAsync());
        }

        pump.Confirm(pump.Id, 1);
        pump.Resend(pump.Id, 1);
        var (first, taken) = await _sending.Reader.ReadAsync().AsTask().WaitAsync(Limit);
        Assert.Equal(2, first.Sequence);

        // The host asked before it confirmed the first batch, and the request was long on its way.
        pump.Resend(pump.Id, 0);
        taken.SetResult();
        Assert.Equal(3, await SentAsync());
        await stop.CancelAsync();
    }

    Task IHostBatchSender.SendAsync(string host, HostBatch batch)
    {
        var taken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _sending.Writer.TryWrite((batch, taken));
        return taken.Task;
    }

    private async Task<long> SentAsync()
    {
        var (batch, taken) = await _sending.Reader.ReadAsync().AsTask().WaitAsync(Limit);
        taken.SetResult();
        return batch.Sequence;
    }
}
