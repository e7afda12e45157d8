using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Clinic.Publisher;

/// <summary>Registers <see cref="IClinicPublisher"/>.</summary>
public static class PublisherServices
{
    /// <summary>How long a connection is kept, so that a changed address is noticed.</summary>
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Registers <see cref="IClinicPublisher"/>, which publishes to a Clinic Api over HTTP. Options that can't work end the host's start with an
    /// <see cref="OptionsValidationException"/> that names them.
    /// </summary>
    public static IServiceCollection AddClinicPublisher(this IServiceCollection services, Action<ClinicPublisherOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddHttpClient(HttpEventTransport.ClientName)
            .ConfigureHttpClient((provider, client) => client.Timeout = provider.GetRequiredService<IOptions<ClinicPublisherOptions>>().Value.AttemptTimeout)
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
            {
                // A redirected POST would arrive as a GET, or without its key.
                AllowAutoRedirect = false,
                UseCookies = false,
                PooledConnectionLifetime = ConnectionLifetime,
                // A clinic's id may be any text.
                RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8,
            })
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            // The factory's own log says four lines a call, and says them about every retry.
            .RemoveAllLoggers();
        return services.AddQueuedPublisher<HttpEventTransport>(overHttp: true, configure);
    }

    /// <summary>The queue in front of any transport.</summary>
    internal static IServiceCollection AddQueuedPublisher<TTransport>(
        this IServiceCollection services, bool overHttp, Action<ClinicPublisherOptions> configure)
        where TTransport : class, IEventTransport
    {
        services.AddLogging();
        services.AddMetrics();
        services.AddOptions<ClinicPublisherOptions>().Configure(configure).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ClinicPublisherOptions>>(new PublisherOptionsCheck(overHttp)));
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IEventTransport, TTransport>();
        services.TryAddSingleton(provider =>
        {
            var options = provider.GetRequiredService<IOptions<ClinicPublisherOptions>>().Value;
            return new EventQueue(options.Capacity, options.MaxQueuedBytes);
        });
        services.TryAddSingleton<PublisherMetrics>();
        services.TryAddSingleton<PublisherReport>();
        services.TryAddSingleton(provider => ActivatorUtilities.CreateInstance<EventDelivery>(provider, Random.Shared));
        services.TryAddSingleton<QueuedPublisher>();
        services.TryAddSingleton<IClinicPublisher>(provider => provider.GetRequiredService<QueuedPublisher>());
        services.AddHostedService(provider => provider.GetRequiredService<QueuedPublisher>());
        return services;
    }
}
