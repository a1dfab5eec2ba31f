namespace GpuActors.Engine.Alerts;

/// <summary>How alerts are published (<c>gpu-actors.alerts</c>).</summary>
public sealed record AlertSettings
{
    /// <summary>Topic of alert transitions. Default <c>gpu-alerts</c>.</summary>
    public string Topic { get; init; } = "gpu-alerts";

    /// <summary>
    /// How many of a partition's newest transitions are read back, and remembered, where no checkpoint says from where. Default 50,000: far
    /// more than one replay span holds.
    /// </summary>
    public int RememberedTransitions { get; init; } = 50_000;

    /// <summary>Longest pause between two tries while the broker is away. Default 5 s.</summary>
    public TimeSpan MaxRetryDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Checks the ranges.</summary>
    /// <returns>The problems, each with key, value and remedy; empty when the settings are valid.</returns>
    public IEnumerable<string> Validate()
    {
        if (RememberedTransitions < 1000)
        {
            yield return $"remembered-transitions = {RememberedTransitions}: must be at least 1000, or a replay publishes alerts twice";
        }

        if (MaxRetryDelay < TimeSpan.FromMilliseconds(100))
        {
            yield return $"max-retry-delay = {MaxRetryDelay}: must be at least 100ms";
        }
    }
}
