using Microsoft.Extensions.DependencyInjection;
using Orleans.Streams;

namespace Clinic.Streams;

/// <summary>Hands a batch to a host's stream; the simulation in the tests has another way.</summary>
internal interface IHostBatchSender
{
    /// <summary>Done when the host has the batch, or nobody reads the stream, or delivery was given up: until then the lane gathers.</summary>
    Task SendAsync(string host, HostBatch batch);
}

/// <summary>Sends over Orleans streams.</summary>
internal sealed class StreamBatchSender(IServiceProvider services) : IHostBatchSender
{
    public Task SendAsync(string host, HostBatch batch) =>
        services.GetRequiredKeyedService<IStreamProvider>(HostStreams.Provider).GetStream<HostBatch>(HostStreams.For(host)).OnNextAsync(batch);
}
