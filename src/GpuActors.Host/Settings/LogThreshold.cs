namespace GpuActors.Host.Settings;

/// <summary>Levels of log events.</summary>
internal enum LogThreshold
{
    /// <summary>Details for developers.</summary>
    Debug,

    /// <summary>Normal events.</summary>
    Info,

    /// <summary>Events that an operator should look at.</summary>
    Warning,

    /// <summary>Failures.</summary>
    Error,
}
