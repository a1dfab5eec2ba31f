namespace GpuActors.Host.Settings;

/// <summary>What is logged to standard error (<c>gpu-actors.log</c>).</summary>
internal sealed record LogSettings
{
    /// <summary>
    /// Least level that is written. Default warning. Events of the program outside actors are few: unless the level is error, they are
    /// written from info on.
    /// </summary>
    public LogThreshold Level { get; init; } = LogThreshold.Warning;
}
