namespace GpuActors.Core.Rules;

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
