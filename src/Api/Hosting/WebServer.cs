using System.Text.Json.Serialization;
using Clinic.Security;
using Microsoft.Extensions.Options;

namespace Clinic.Hosting;

/// <summary>Sets up Kestrel, JSON, CORS and logging for the Api.</summary>
internal static class WebServer
{
    private const string DefaultUrl = "http://127.0.0.1:5080";

    /// <summary>
    /// Nesting of a request's JSON. An event's data travels inside a hub message, and a .NET client reads 64 levels in all: what is taken here
    /// has to fit there.
    /// </summary>
    private const int MaxJsonDepth = 32;

    /// <summary>A token of a few KB fits into the hub's query.</summary>
    private const int MaxRequestLine = 16 * 1024;

    /// <summary>Registers it.</summary>
    public static WebApplicationBuilder AddWebServer(this WebApplicationBuilder builder, ApiSettings settings)
    {
        var services = builder.Services;
        services.AddSingleton(Options.Create(settings.Auth));
        services.AddSingleton(Options.Create(settings.Limits));
        services.AddSingleton(TimeProvider.System);
        SafeLogging.Guard(services);
        if (string.IsNullOrEmpty(builder.Configuration["urls"])
            && string.IsNullOrEmpty(builder.Configuration["http_ports"])
            && string.IsNullOrEmpty(builder.Configuration["https_ports"]))
        {
            builder.WebHost.UseUrls(DefaultUrl);
        }

        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = LimitOptions.MaxBodyBytes;
            kestrel.Limits.MaxRequestLineSize = MaxRequestLine;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        });
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
            json.SerializerOptions.AllowDuplicateProperties = false;
            json.SerializerOptions.MaxDepth = MaxJsonDepth;
        });
        services.AddCors(cors => cors.AddDefaultPolicy(policy => policy
            .WithOrigins(settings.Cors.Origins)
            .AllowCredentials()
            .AllowAnyHeader()
            .AllowAnyMethod()
            .WithExposedHeaders("Location", "Retry-After", "Idempotent-Replayed")
            .SetPreflightMaxAge(TimeSpan.FromMinutes(10))));
        return builder;
    }
}
