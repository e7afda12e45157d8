using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Clinic.Hosting;

/// <summary>Keeps every log entry with all that a sink could print of it: message, values, scopes, exception.</summary>
[ProviderAlias("Captured")]
internal sealed class CapturedLog : ILoggerProvider, ISupportExternalScope
{
    private IExternalScopeProvider _scopes = new LoggerExternalScopeProvider();

    public ConcurrentQueue<(string Category, LogLevel Level, string Text)> Entries { get; } = new();

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    public void Dispose()
    {
    }

    private sealed class Logger(CapturedLog log, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => log._scopes.Push(state);

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var parts = new List<string> { formatter(state, exception), exception?.ToString() ?? "" };
            Add(parts, state);
            log._scopes.ForEachScope((scope, list) => Add(list, scope), parts);
            log.Entries.Enqueue((category, logLevel, string.Join(' ', parts)));
        }

        private static void Add(List<string> parts, object? state)
        {
            parts.Add(state?.ToString() ?? "");
            if (state is IEnumerable<KeyValuePair<string, object?>> values)
            {
                parts.AddRange(values.Select(value => $"{value.Key}={value.Value}"));
            }
        }
    }
}
