using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Clinic.Publisher;

/// <summary>The publisher as an application gets it, in a host of its own; over HTTP, or over a transport and a clock that a test drives.</summary>
internal sealed class TestPublisher : IAsyncDisposable
{
    private readonly IHost _host;

    private TestPublisher(IHost host, Lines log)
    {
        _host = host;
        Counted = new Counted(host.Services.GetRequiredService<IMeterFactory>());
        Clinic = host.Services.GetRequiredService<IClinicPublisher>();
        Log = log;
    }

    public IClinicPublisher Clinic { get; }

    public Counted Counted { get; }

    public Lines Log { get; }

    public static Task<TestPublisher> OverHttpAsync(Uri clinic, Action<ClinicPublisherOptions>? configure = null) =>
        StartAsync(services => services.AddClinicPublisher(o =>
        {
            (o.Url, o.ServiceKey) = (clinic.ToString(), FakeClinic.ServiceKey);
            configure?.Invoke(o);
        }));

    public static Task<TestPublisher> OverAsync(FakeTransport transport, TimeProvider clock, Action<ClinicPublisherOptions>? configure = null) =>
        StartAsync(services => services
            .AddSingleton(clock)
            .AddSingleton<IEventTransport>(transport)
            .AddQueuedPublisher<FakeTransport>(overHttp: false, configure ?? (_ => { })));

    public static async Task<TestPublisher> StartAsync(Action<IServiceCollection> register)
    {
        var log = new Lines();
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.SetMinimumLevel(LogLevel.Trace).AddProvider(log);
        register(builder.Services);
        var host = builder.Build();
        await host.StartAsync();
        return new TestPublisher(host, log);
    }

    /// <summary>Stops the host, as SIGTERM does.</summary>
    public Task StopAsync() => _host.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        Counted.Dispose();
        _host.Dispose();
    }

    /// <summary>Everything that was logged, at every level.</summary>
    internal sealed class Lines : ConcurrentQueue<string>, ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Enqueue($"{logLevel}: {formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
