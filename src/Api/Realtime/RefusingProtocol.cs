using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using ErrorCode = Clinic.Errors.ErrorCode;

namespace Clinic.Realtime;

/// <summary>
/// A protocol of SignalR that refuses a call of an unknown method, or with arguments that don't fit it, as <c>invalid</c>. Such a call never gets as far as
/// <see cref="HubCallFilter"/>, and the framework's own refusal has no code.
/// </summary>
internal sealed class RefusingProtocol(IHubProtocol inner, RelayMetrics metrics) : IHubProtocol
{
    public string Name => inner.Name;

    public int Version => inner.Version;

    public TransferFormat TransferFormat => inner.TransferFormat;

    /// <summary>Puts it around every protocol that is registered so far.</summary>
    public static void Wrap(IServiceCollection services)
    {
        for (var i = 0; i < services.Count; i++)
        {
            if (services[i].ServiceType == typeof(IHubProtocol) && services[i].ImplementationType is { } protocol)
            {
                services[i] = ServiceDescriptor.Singleton<IHubProtocol>(provider => new RefusingProtocol(
                    (IHubProtocol)ActivatorUtilities.CreateInstance(provider, protocol), provider.GetRequiredService<RelayMetrics>()));
            }
        }
    }

    public bool IsVersionSupported(int version) => inner.IsVersionSupported(version);

    public ReadOnlyMemory<byte> GetMessageBytes(HubMessage message) => inner.GetMessageBytes(message);

    public void WriteMessage(HubMessage message, IBufferWriter<byte> output) => inner.WriteMessage(message, output);

    public bool TryParseMessage(ref ReadOnlySequence<byte> input, IInvocationBinder binder, [NotNullWhen(true)] out HubMessage? message)
    {
        if (!inner.TryParseMessage(ref input, binder, out message))
        {
            return false;
        }

        if (message is InvocationBindingFailureMessage failure)
        {
            // The binder's own word for a method that it does not know is a HubException.
            var refusal = failure.BindingFailure.SourceException is HubException
                ? HubError.Invalid("method", "is not one of the hub's")
                : HubError.Invalid("arguments", "don't fit the method");
            metrics.CallRefused(ErrorCode.Invalid);
            message = new InvocationBindingFailureMessage(failure.InvocationId, failure.Target, ExceptionDispatchInfo.Capture(refusal));
        }

        return true;
    }
}
