using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.Hosting;

namespace Clinic.Telemetry;

/// <summary>
/// What every process logs unless it is told otherwise: one line an entry, our own from Information on, the frameworks' from Warning on. It is the lowest
/// layer of the configuration, so that every other one wins; and not a file, so that it holds wherever a process is started from.
/// </summary>
public static class LogDefaults
{
    private static readonly Dictionary<string, string?> Settings = new()
    {
        ["Logging:LogLevel:Default"] = "Information",
        ["Logging:LogLevel:Microsoft"] = "Warning",
        // The framework writes its two lines for each wrong key under our handler's name.
        ["Logging:LogLevel:Clinic.Security.ServiceKeyHandler"] = "Warning",
        ["Logging:LogLevel:Microsoft.Hosting.Lifetime"] = "Information",
        // It takes every refusal of a hub call for an error; what is one, the Api's own filter logs.
        ["Logging:LogLevel:Microsoft.AspNetCore.SignalR.Internal.DefaultHubDispatcher"] = "Critical",
        ["Logging:LogLevel:Orleans"] = "Warning",
        // Two lines for each grain that comes up.
        ["Logging:LogLevel:Polly"] = "Warning",
        ["Logging:Console:FormatterName"] = "simple",
        ["Logging:Console:FormatterOptions:SingleLine"] = "true",
        ["Logging:Console:FormatterOptions:UseUtcTimestamp"] = "true",
        ["Logging:Console:FormatterOptions:TimestampFormat"] = "yyyy-MM-ddTHH:mm:ss.fffZ ",
    };

    /// <summary>Puts the defaults below everything else.</summary>
    public static IHostApplicationBuilder AddLogDefaults(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = Settings });
        return builder;
    }
}
