using Akka.Actor;
using Akka.Dispatch;
using Akka.Event;
using Akka.Hosting.Logging;
using Microsoft.Extensions.Logging;
using LogLevel = Microsoft.Extensions.Logging.LogLevel;

namespace GpuActors.Host.Logging;

/// <summary>
/// Passes the log events of the actor system to <see cref="ILogger"/>s. Akka.Hosting's own logger uses one category for all actors, and
/// writes time, level and thread into the text a second time. Akka creates it by its type.
/// </summary>
/// <remarks>
/// The category of an actor's event is the actor's class, and its path begins the text: a logger factory keeps every category for ever, and
/// there are as many paths as actors that ever were. A source with a name of its own, such as the log of epochs, is its own category.
/// </remarks>
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
        var isActor = logged.LogSource.StartsWith("akka", StringComparison.Ordinal);
        _loggers
            .CreateLogger(isActor ? logged.LogClass.FullName ?? logged.LogClass.Name : logged.LogSource)
            .Log(level, default, logged, logged.Cause, isActor ? WithSource : WithoutSource);
    }

    private static string WithSource(LogEvent logged, Exception? error) => $"{logged.LogSource}: {logged.Message}";

    private static string WithoutSource(LogEvent logged, Exception? error) => logged.Message.ToString() ?? "";
}
