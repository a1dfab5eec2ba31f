using Akka.Actor;
using Akka.Dispatch;
using Akka.Event;
using Akka.Hosting.Logging;
using Microsoft.Extensions.Logging;
using LogLevel = Microsoft.Extensions.Logging.LogLevel;

namespace GpuActors.Host.Logging;

/// <summary>
/// Passes the log events of the actor system to <see cref="ILogger"/>s, with the source of the event as the category. Akka.Hosting's own
/// logger uses one category for all actors, and writes time, level and thread into the text a second time. Akka creates it by its type.
/// </summary>
internal sealed class AkkaLogger : ReceiveActor, IRequiresMessageQueue<ILoggerMessageQueueSemantics>
{
    private readonly ILoggerFactory _loggers =
        Context.System.Settings.Setup.Get<LoggerFactorySetup>().Value?.LoggerFactory
        ?? throw new InvalidOperationException("The setup of the actor system has no LoggerFactorySetup");

    public AkkaLogger()
    {
        Receive<InitializeLogger>(_ => Sender.Tell(new LoggerInitialized()));
        Receive<LogEvent>(Write);
    }

    private void Write(LogEvent logged)
    {
        var level = logged.LogLevel() switch
        {
            Akka.Event.LogLevel.DebugLevel => LogLevel.Debug,
            Akka.Event.LogLevel.InfoLevel => LogLevel.Information,
            Akka.Event.LogLevel.WarningLevel => LogLevel.Warning,
            _ => LogLevel.Error,
        };
        _loggers
            .CreateLogger(logged.LogSource)
            .Log(level, default, logged, logged.Cause, static (logged, _) => logged.Message.ToString() ?? "");
    }
}
