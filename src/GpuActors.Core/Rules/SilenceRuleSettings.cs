namespace GpuActors.Core.Rules;

/// <summary>The rule on silence.</summary>
public sealed record SilenceRuleSettings : AlertRuleSettings
{
    /// <summary>Critical, look at the node.</summary>
    public SilenceRuleSettings()
    {
        Action = RecommendedAction.DrainAndInspect;
        Runbook = "#gpu-silent";
        ClearDelay = TimeSpan.Zero;
    }

    /// <summary>Missed sample intervals, as this GPU's own samples show them. Default 3.</summary>
    public int Intervals { get; init; } = 3;

    /// <summary>Shortest silence that fires, whatever the interval. Default 3 s.</summary>
    public TimeSpan MinSilence { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Longest silence that does not fire, whatever the interval. Default 5 minutes.</summary>
    public TimeSpan MaxSilence { get; init; } = TimeSpan.FromMinutes(5);
}
