using GpuActors.Core.Alerts;

namespace GpuActors.Core.Rules;

/// <summary>The rule on the rate of single-bit errors.</summary>
public sealed record EccSbeRuleSettings : AlertRuleSettings
{
    /// <summary>Warning, watch it.</summary>
    public EccSbeRuleSettings()
    {
        Severity = AlertSeverity.Warning;
        Action = RecommendedAction.DrainAndInspect;
        Runbook = "#ecc-sbe-rate";
        ClearDelay = TimeSpan.FromMinutes(5);
    }

    /// <summary>New errors within the last 60 minutes above which it fires. Default 100.</summary>
    public int MaxPerHour { get; init; } = 100;
}
