using System.Globalization;
using Akka.Actor;
using Akka.Event;

namespace GpuActors.Host.Node;

/// <summary>
/// Akka's log on standard error, one line per event: standard output is for results. Akka creates it by its name in the configuration.
/// </summary>
internal sealed class StandardErrorLogger : ReceiveActor
{
    public StandardErrorLogger()
    {
        Receive<InitializeLogger>(_ => Sender.Tell(new LoggerInitialized()));
        Receive<LogEvent>(Write);
    }

    private static void Write(LogEvent logged)
    {
        var level = logged.LogLevel() switch
        {
            LogLevel.DebugLevel => "debug",
            LogLevel.InfoLevel => "info",
            LogLevel.WarningLevel => "warning",
            _ => "error",
        };
        var time = logged.Timestamp.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        var cause = logged.Cause is { } exception ? $"{Environment.NewLine}{exception}" : "";
        Console.Error.WriteLine($"{time} {level, -7} {logged.LogSource}: {logged.Message}{cause}");
    }
}
