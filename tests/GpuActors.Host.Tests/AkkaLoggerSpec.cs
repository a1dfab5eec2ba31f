using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Event;
using Akka.Hosting.Logging;
using GpuActors.Host.Logging;
using GpuActors.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;
using LogLevel = Microsoft.Extensions.Logging.LogLevel;

namespace GpuActors.Host.Tests;

/// <summary>What a node's log shows of the events of its actors.</summary>
public sealed class AkkaLoggerSpec
{
    [Fact]
    public async Task Actors_of_a_class_share_a_category_and_a_named_source_has_its_own()
    {
        using var loggers = new Loggers();
        using var system = ActorSystem.Create(
            "logging",
            BootstrapSetup
                .Create()
                .WithConfig($"akka.loggers = [\"{typeof(AkkaLogger).AssemblyQualifiedName}\"]")
                .And(new LoggerFactorySetup(loggers))
        );
        var paths = Enumerable.Range(0, 100).Select(_ => system.ActorOf(Props.Create(() => new Speaker()))).Select(Path).ToArray();
        Akka.Event.Logging.GetLogger(system, "Epochs").Info("named");

        await Eventually.Until(() => loggers.Texts.Count(text => text.EndsWith(": spoken", StringComparison.Ordinal)) == paths.Length);
        await Eventually.Until(() => loggers.Texts.Contains("named"));

        var spoken = loggers.Texts.Where(text => text.EndsWith(": spoken", StringComparison.Ordinal)).Select(Source);
        Assert.Equal(paths.Order(StringComparer.Ordinal), spoken.Order(StringComparer.Ordinal));
        Assert.Single(loggers.Categories, category => category.Contains(nameof(Speaker), StringComparison.Ordinal));
        Assert.Single(loggers.Categories, category => category.StartsWith("Epochs", StringComparison.Ordinal));

        static string Path(IActorRef actor) => actor.Path.ToString();
        static string Source(string text) => text[..text.LastIndexOf(':')];
    }

    private sealed class Speaker : ReceiveActor
    {
        public Speaker() => Context.GetLogger().Info("spoken");
    }

    /// <summary>Makes a logger per request, so that every request counts.</summary>
    private sealed class Loggers : ILoggerFactory
    {
        public ConcurrentQueue<string> Texts { get; } = new();

        public ConcurrentBag<string> AskedFor { get; } = [];

        public IReadOnlyCollection<string> Categories => AskedFor.ToHashSet(StringComparer.Ordinal);

        public ILogger CreateLogger(string categoryName)
        {
            AskedFor.Add(categoryName);
            return new Texter(Texts);
        }

        public void AddProvider(ILoggerProvider provider) { }

        public void Dispose() { }
    }

    private sealed class Texter(ConcurrentQueue<string> texts) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => NullLogger.Instance.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        ) => texts.Enqueue(formatter(state, exception));
    }
}
