using GpuActors.Core.Alerts;

namespace GpuActors.Core.Rules;

/// <summary>What every rule has.</summary>
public abstract record AlertRuleSettings
{
    /// <summary>Whether the rule is in force. Default on.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Urgency of its alerts. Default critical.</summary>
    public AlertSeverity Severity { get; init; } = AlertSeverity.Critical;

    /// <summary>How long, in sample time, the condition must be over before the alert resolves: keeps a flickering one from flapping. Default 10 s.</summary>
    public TimeSpan ClearDelay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Recommended action, one of <see cref="RecommendedAction"/>.</summary>
    public string Action { get; init; } = RecommendedAction.None;

    /// <summary>Anchor in the runbook.</summary>
    public string Runbook { get; init; } = "";
}
