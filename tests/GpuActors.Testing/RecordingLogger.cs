using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace GpuActors.Testing;

/// <summary>Keeps the text of every log event. Thread-safe.</summary>
public class RecordingLogger : ILogger
{
    /// <summary>The texts in the order of the events.</summary>
    public ConcurrentQueue<string> Messages { get; } = new();

    /// <summary>Called after each event.</summary>
    public event Action? Logged;

    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => true;

    /// <inheritdoc/>
    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter
    )
    {
        ArgumentNullException.ThrowIfNull(formatter);
        Messages.Enqueue(formatter(state, exception));
        Logged?.Invoke();
    }
}

/// <summary>A <see cref="RecordingLogger"/> for a class that asks for its own category.</summary>
public sealed class RecordingLogger<T> : RecordingLogger, ILogger<T>;
