using System.Globalization;
using GpuActors.Host.Cli;
using Microsoft.Extensions.Logging;

namespace GpuActors.Host.Logging;

/// <summary>
/// Writes log events to standard error, one line each, before the call returns: the last words of a process that ends are never lost in a
/// queue, and standard output stays free for results.
/// </summary>
internal sealed class TerminalLoggerProvider(Terminal terminal, TimeProvider clock) : ILoggerProvider
{
    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new TerminalLogger(terminal, clock, categoryName);

    /// <inheritdoc/>
    public void Dispose() { }

    private sealed class TerminalLogger(Terminal terminal, TimeProvider clock, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        )
        {
            var level = logLevel switch
            {
                LogLevel.Trace or LogLevel.Debug => "debug",
                LogLevel.Information => "info",
                LogLevel.Warning => "warning",
                _ => "error",
            };
            var time = clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
            var id = eventId.Id == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"[{eventId.Id}]");
            var cause = exception is null ? "" : $"{Environment.NewLine}{exception}";
            terminal.Log($"{time} {level, -7} {category}{id}: {formatter(state, exception)}{cause}");
        }
    }
}
