using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.Options;

namespace Clinic.Publisher;

/// <summary>Carries events over <c>POST /api/events</c>.</summary>
internal sealed class HttpEventTransport(IHttpClientFactory clients, IOptions<ClinicPublisherOptions> options, TimeProvider time) : IEventTransport
{
    /// <summary>The name of the client, for those who want to add handlers to it.</summary>
    public const string ClientName = "Clinic.Publisher";

    private static readonly MediaTypeHeaderValue Json = new("application/json");
    private readonly Uri _address = new(options.Value.Url!.TrimEnd('/') + "/api/events");
    private readonly AuthenticationHeaderValue _key = new("ServiceKey", options.Value.ServiceKey);

    public async Task<Attempt> SendAsync(OutgoingEvent sent, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _address);
        request.Headers.Authorization = _key;
        request.Headers.TryAddWithoutValidation("X-Tenant", sent.Tenant);
        request.Content = new ReadOnlyMemoryContent(Body(sent)) { Headers = { ContentType = Json } };
        using var client = clients.CreateClient(ClientName);
        try
        {
            using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            return Judge(answer);
        }
        catch (HttpRequestException)
        {
            return new Attempt(Verdict.Again, "network");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new Attempt(Verdict.Again, "timeout");
        }
    }

    /// <summary>Anything but the contract's own 202 is no success: a proxy's page may well be a 200.</summary>
    private Attempt Judge(HttpResponseMessage answer)
    {
        var status = ((int)answer.StatusCode).ToString(CultureInfo.InvariantCulture);
        return answer.StatusCode switch
        {
            HttpStatusCode.Accepted => Attempt.Delivered,
            HttpStatusCode.Unauthorized => new Attempt(Verdict.KeyRefused, status),
            HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError =>
                new Attempt(Verdict.Again, status, RetryAfter(answer.Headers.RetryAfter)),
            _ => new Attempt(Verdict.Refused, status),
        };
    }

    private TimeSpan? RetryAfter(RetryConditionHeaderValue? header) => header?.Delta ?? header?.Date - time.GetUtcNow();

    private static ReadOnlyMemory<byte> Body(OutgoingEvent sent)
    {
        var buffer = new ArrayBufferWriter<byte>(sent.Data.Length + 256);
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        writer.WriteString("topic", sent.Topic);
        writer.WriteString("type", sent.Type);
        writer.WriteString("id", sent.Id);
        writer.WritePropertyName("data");
        writer.WriteRawValue(sent.Data, skipInputValidation: true);
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenMemory;
    }
}
