namespace GpuActors.Core.Rules;

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
