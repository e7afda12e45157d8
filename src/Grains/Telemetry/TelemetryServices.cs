using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry.Metrics;

namespace Clinic.Telemetry;

/// <summary>What every process shows of itself: <c>/health/live</c>, <c>/health/ready</c> and <c>/metrics</c>.</summary>
public static class TelemetryServices
{
    /// <summary>The tag of the checks that <c>/health/ready</c> asks.</summary>
    public const string Ready = "ready";

    private static readonly string[] Meters =
    [
        "Clinic.*",
        "Microsoft.Orleans",
        "Microsoft.AspNetCore.Hosting",
        "Microsoft.AspNetCore.Http.Connections",
        "Microsoft.AspNetCore.Server.Kestrel",
        "Npgsql",
        "System.Runtime",
    ];

    /// <summary>Series of one metric: a route has a few for each status. The library's 2,000 take 16 MB of each process, whether there are so many or not.</summary>
    private const int MaxSeries = 500;

    private static readonly TimeSpan CheckTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Registers the checks and the metrics.</summary>
    public static IHostApplicationBuilder AddTelemetry(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddHealthChecks().AddCheck<DatabaseHealth>("database", failureStatus: null, [Ready], CheckTimeout);
        builder.Services.AddOpenTelemetry().WithMetrics(metrics => metrics
            .AddMeter(Meters)
            .AddView("*", new MetricStreamConfiguration { CardinalityLimit = MaxSeries })
            .AddPrometheusExporter());
        return builder;
    }

    /// <summary>Maps the three routes. They need no token: they show neither clinics nor people.</summary>
    public static IEndpointRouteBuilder MapTelemetry(this IEndpointRouteBuilder routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
        routes.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false });
        routes.MapHealthChecks("/health/ready", new HealthCheckOptions { Predicate = check => check.Tags.Contains(Ready) });
        routes.MapPrometheusScrapingEndpoint("/metrics");
        return routes;
    }
}
