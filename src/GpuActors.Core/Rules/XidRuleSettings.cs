namespace GpuActors.Core.Rules;

/// <summary>The rule on XIDs; severity and action are the policy's, per code.</summary>
public sealed record XidRuleSettings : AlertRuleSettings
{
    /// <summary>Default runbook anchor.</summary>
    public XidRuleSettings() => Runbook = "#xid";

    /// <summary>How long after its last occurrence an XID's alert resolves if the gauge is never set back. Default 24 h.</summary>
    public TimeSpan QuietTime { get; init; } = TimeSpan.FromHours(24);
}
