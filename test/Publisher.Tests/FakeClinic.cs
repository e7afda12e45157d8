using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Clinic.Publisher;

/// <summary>A Kestrel that takes events as the Api does, and misbehaves as a test tells it.</summary>
internal sealed class FakeClinic : IAsyncDisposable
{
    public const string ServiceKey = "a-key-that-nobody-may-read";
    private readonly WebApplication _app;
    private readonly CancellationTokenSource _stopped = new();
    private readonly Lock _lock = new();
    private readonly List<Event> _accepted = [];
    private int _calls;

    private FakeClinic(WebApplication app) => _app = app;

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public int Calls => Volatile.Read(ref _calls);

    /// <summary>What to do with the n-th call, from 1.</summary>
    public Func<int, Trouble> Answer { get; set; } = _ => new Trouble();

    /// <summary>What it has for good; a repeat of an id changes nothing.</summary>
    public IReadOnlyList<Event> Accepted
    {
        get
        {
            lock (_lock)
            {
                return [.. _accepted];
            }
        }
    }

    public static async Task<FakeClinic> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        var clinic = new FakeClinic(app);
        app.MapPost("/api/events", clinic.TakeAsync);
        await app.StartAsync();
        return clinic;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        await _app.DisposeAsync();
        _stopped.Dispose();
    }

    private async Task TakeAsync(HttpContext context)
    {
        var body = await JsonDocument.ParseAsync(context.Request.Body);
        var trouble = Answer(Interlocked.Increment(ref _calls));
        var taken = new Event(
            context.Request.Headers["X-Tenant"].ToString(),
            body.RootElement.GetProperty("topic").GetString()!,
            body.RootElement.GetProperty("type").GetString()!,
            body.RootElement.GetProperty("id").GetString()!,
            body.RootElement.GetProperty("data").GetRawText(),
            context.Request.Headers.Authorization.ToString());
        if (trouble.Accepts)
        {
            lock (_lock)
            {
                if (!_accepted.Any(known => (known.Tenant, known.Topic, known.Id) == (taken.Tenant, taken.Topic, taken.Id)))
                {
                    _accepted.Add(taken);
                }
            }
        }

        if (trouble.Hangs)
        {
            await Task.Delay(Timeout.Infinite, _stopped.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        }

        if (trouble.Hangs || trouble.Resets)
        {
            context.Abort();
            return;
        }

        context.Response.StatusCode = (int)trouble.Status;
        if (trouble.Location is not null)
        {
            context.Response.Headers.Location = trouble.Location;
        }

        if (trouble.RetryAfter is not null)
        {
            context.Response.Headers.RetryAfter = trouble.RetryAfter;
        }

        await context.Response.WriteAsync("""{"epoch":"e","offset":1}""");
    }

    /// <summary>An event as it came.</summary>
    internal sealed record Event(string Tenant, string Topic, string Type, string Id, string Data, string Authorization);

    /// <summary>How a call is treated.</summary>
    internal sealed record Trouble(HttpStatusCode Status = HttpStatusCode.Accepted)
    {
        /// <summary>Whether the event is kept, whatever the answer.</summary>
        public bool Accepts { get; init; } = Status == HttpStatusCode.Accepted;

        public bool Hangs { get; init; }

        public bool Resets { get; init; }

        public string? RetryAfter { get; init; }

        public string? Location { get; init; }
    }
}
