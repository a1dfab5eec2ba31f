using GpuActors.Core.Alerts;

namespace GpuActors.Core.Rules;

/// <summary>A rule on the share of time that a bit is set.</summary>
public sealed record DutyRuleSettings : AlertRuleSettings
{
    /// <summary>Warning, to cooling: the driver still copes.</summary>
    public DutyRuleSettings()
    {
        Severity = AlertSeverity.Warning;
        Action = RecommendedAction.CheckCooling;
        Runbook = "#sw-thermal";
        ClearDelay = TimeSpan.FromMinutes(1);
    }

    /// <summary>Span looked at. Default 10 minutes.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Share of samples with the bit that fires, above 0 to 1. Default 0.6: gpud calls 6 of 10 minutes unhealthy.</summary>
    public double MinDuty { get; init; } = 0.6;

    /// <summary>Span that must be covered by samples before the rule judges. Default 5 minutes: a warming window says nothing.</summary>
    public TimeSpan MinCovered { get; init; } = TimeSpan.FromMinutes(5);
}
