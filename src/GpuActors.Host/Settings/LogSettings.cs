namespace GpuActors.Host.Settings;

/// <summary>What goes to standard error.</summary>
internal sealed record LogSettings
{
    /// <summary>Least level that is written: debug, info, warning or error. Default warning.</summary>
    public LogLevel Level { get; init; } = LogLevel.Warning;
}

/// <summary>Akka's levels.</summary>
internal enum LogLevel
{
    /// <summary>Everything.</summary>
    Debug,

    /// <summary>What an operator may want to follow.</summary>
    Info,

    /// <summary>What an operator should look at.</summary>
    Warning,

    /// <summary>What is broken.</summary>
    Error,
}
