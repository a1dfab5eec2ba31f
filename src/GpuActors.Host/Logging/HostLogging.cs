using GpuActors.Host.Cli;
using GpuActors.Host.Settings;
using Microsoft.Extensions.Logging;

namespace GpuActors.Host.Logging;

/// <summary>Logging of the process: one line per event on standard error.</summary>
internal static class HostLogging
{
    /// <summary>Creates the factory of the process's loggers.</summary>
    /// <param name="terminal">Where events are written.</param>
    /// <param name="settings">Least level.</param>
    public static ILoggerFactory Create(Terminal terminal, LogSettings settings)
    {
        var level = settings.Level switch
        {
            LogThreshold.Debug => LogLevel.Debug,
            LogThreshold.Info or LogThreshold.Warning => LogLevel.Information,
            _ => LogLevel.Error,
        };
        return LoggerFactory.Create(logging =>
            logging.SetMinimumLevel(level).AddProvider(new TerminalLoggerProvider(terminal, TimeProvider.System))
        );
    }
}
