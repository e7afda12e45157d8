using Microsoft.Extensions.Options;

namespace Clinic.Security;

/// <summary>
/// Keeps tokens out of every log, whatever levels the operator sets: the hub takes its token in the query, and a few of the framework's
/// messages repeat a request's query, a request line or the arguments of a hub call.
/// </summary>
internal static class SafeLogging
{
    /// <summary>Below these levels the categories would print what came from the client.</summary>
    private static readonly Dictionary<string, LogLevel> Lowest = new(StringComparer.Ordinal)
    {
        ["Microsoft.AspNetCore.Hosting.Diagnostics"] = LogLevel.Warning,
        ["Microsoft.AspNetCore.Server.Kestrel.BadRequests"] = LogLevel.Warning,
        ["Microsoft.AspNetCore.SignalR.Internal.DefaultHubDispatcher"] = LogLevel.Information,
    };

    /// <summary>
    /// Puts the guard into every filter rule, after all of them are known. A rule of its own would not do: a more specific one from the
    /// configuration, or one for a single provider, would win over it.
    /// </summary>
    public static void Guard(IServiceCollection services) =>
        services.AddSingleton<IPostConfigureOptions<LoggerFilterOptions>>(new PostConfigureOptions<LoggerFilterOptions>(null, filter =>
        {
            var rules = filter.Rules.ToArray();
            filter.Rules.Clear();
            // For whatever no other rule speaks of; the first, so that any other of the same rank wins.
            filter.Rules.Add(Guarded(new LoggerFilterRule(null, null, filter.MinLevel, null)));
            foreach (var rule in rules)
            {
                filter.Rules.Add(Guarded(rule));
            }
        }));

    private static LoggerFilterRule Guarded(LoggerFilterRule rule) => new(
        rule.ProviderName,
        rule.CategoryName,
        rule.LogLevel,
        (provider, category, level) =>
            (category is null || !Lowest.TryGetValue(category, out var lowest) || level >= lowest)
            && (rule.Filter is null || rule.Filter(provider, category, level)));
}
