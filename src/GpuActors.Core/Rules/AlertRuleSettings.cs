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

/// <summary>A rule on a bit of the throttle mask: fires when it was set in N of the last M samples.</summary>
public sealed record MaskRuleSettings : AlertRuleSettings
{
    /// <summary>N: samples with the bit. Default 3, as NVSentinel's power brake watch asks for three polls in a row.</summary>
    public int Required { get; init; } = 3;

    /// <summary>M: samples looked at, at most 64. Default 3. A sample without mask does not count.</summary>
    public int Of { get; init; } = 3;

    /// <summary>How long, in sample time, the condition must hold on top of that. Default 0.</summary>
    public TimeSpan Hold { get; init; } = TimeSpan.Zero;
}

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

/// <summary>The rule on double-bit errors.</summary>
public sealed record EccDbeRuleSettings : AlertRuleSettings
{
    /// <summary>Critical, reset the GPU.</summary>
    public EccDbeRuleSettings()
    {
        Action = RecommendedAction.ResetGpu;
        Runbook = "#ecc-dbe";
        ClearDelay = TimeSpan.Zero;
    }
}

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

/// <summary>The rule on XIDs; severity and action are the policy's, per code.</summary>
public sealed record XidRuleSettings : AlertRuleSettings
{
    /// <summary>Default runbook anchor.</summary>
    public XidRuleSettings() => Runbook = "#xid";

    /// <summary>How long after its last occurrence an XID's alert resolves if the gauge is never set back. Default 24 h.</summary>
    public TimeSpan QuietTime { get; init; } = TimeSpan.FromHours(24);
}

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
