using Clinic.Storage;
using Clinic.Topics;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Clinic.Records;

/// <summary>Registers and maps every record capability of the Api.</summary>
internal static class RecordServices
{
    private static readonly IRecordRoutes[] Capabilities =
    [
        .. typeof(RecordServices).Assembly.GetTypes()
            .Where(type => type is { IsClass: true, IsAbstract: false } && type.IsAssignableTo(typeof(IRecordRoutes)))
            .OrderBy(type => type.FullName, StringComparer.Ordinal)
            .Select(type => (IRecordRoutes)Activator.CreateInstance(type)!),
    ];

    /// <summary>
    /// Adds the ground of the record routes and all capabilities. Needs <see cref="ClinicDatabase"/> and, for the events,
    /// <see cref="IGrainFactory"/>.
    /// </summary>
    public static IServiceCollection AddRecords(this IServiceCollection services)
    {
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<RecordOptions>().BindConfiguration("Records").ValidateDataAnnotations().ValidateOnStart();
        services.Configure<JsonOptions>(json => json.SerializerOptions.Converters.Add(new Rfc3339Converter()));
        services.AddSingleton<RecordMetrics>();
        services.AddSingleton<RecordWriter>();
        services.AddSingleton<IdempotencyStore>();
        services.AddHostedService<IdempotencySweep>();
        // The grain factory is asked for when the first topic is drained: an Orleans client registers it late.
        services.TryAddSingleton<DrainTopic>(provider => topic => provider.GetRequiredService<IGrainFactory>().GetTopic(topic).DrainAsync());
        services.AddSingleton(provider => new PendingTopics(provider.GetRequiredService<IOptions<RecordOptions>>().Value.MaxWaitingTopics));
        services.AddSingleton<PendingEventDispatcher>();
        services.AddHostedService(provider => provider.GetRequiredService<PendingEventDispatcher>());
        foreach (var capability in Capabilities)
        {
            capability.AddServices(services);
        }

        return services;
    }

    /// <summary>Maps the routes of all capabilities below <c>/api</c>.</summary>
    public static IEndpointRouteBuilder MapRecords(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api").RequireAuthorization().WithMetadata(new RecordRoute()).AddEndpointFilterFactory(Validated.Factory);
        // Ahead of the binding of parameters, which an endpoint filter is not.
        ((IEndpointConventionBuilder)api).Add(RecordGate.Guard);
        foreach (var capability in Capabilities)
        {
            capability.Map(api);
        }

        return routes;
    }
}
