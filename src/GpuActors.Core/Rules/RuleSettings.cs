namespace GpuActors.Core.Rules;

/// <summary>
/// The rules in force. Policy is data: every value here is a key of <c>hocon/rules.conf</c> under <c>gpu-actors.rules</c>, the property's name
/// in kebab-case (<c>HwThermal.ClearDelay</c> is <c>gpu-actors.rules.hw-thermal.clear-delay</c>); the XID table is
/// <c>hocon/xid-policy.conf</c>. Sources of the defaults stand beside the keys.
/// </summary>
public sealed record RuleSettings
{
    /// <summary>NVML bit 0x40: the hardware slows the clocks because it is too hot.</summary>
    public MaskRuleSettings HwThermal { get; init; } = new() { Action = RecommendedAction.CheckCooling, Runbook = "#hw-thermal" };

    /// <summary>NVML bit 0x80: the power supply asserts its brake, usually a whole rack at once.</summary>
    public MaskRuleSettings PowerBrake { get; init; } = new() { Action = RecommendedAction.CheckPower, Runbook = "#power-brake" };

    /// <summary>NVML bit 0x20: the driver slows the clocks because it is too hot, for a large part of the time.</summary>
    public DutyRuleSettings SwThermal { get; init; } = new();

    /// <summary>A double-bit ECC error.</summary>
    public EccDbeRuleSettings EccDbe { get; init; } = new();

    /// <summary>Many single-bit ECC errors.</summary>
    public EccSbeRuleSettings EccSbeRate { get; init; } = new();

    /// <summary>XID errors.</summary>
    public XidRuleSettings Xid { get; init; } = new();

    /// <summary>A GPU that is not heard of any more.</summary>
    public SilenceRuleSettings GpuSilent { get; init; } = new();

    /// <summary>What each XID means.</summary>
    public XidPolicy XidPolicy { get; init; } = XidPolicy.Default;

    /// <summary>Checks the ranges.</summary>
    /// <returns>What is wrong, each with key, value and remedy; empty when all is well.</returns>
    public IEnumerable<string> Validate() =>
        Mask("hw-thermal", HwThermal).Concat(Mask("power-brake", PowerBrake))
            .Concat(SwThermal.MinDuty is > 0 and <= 1 ? [] : [$"sw-thermal.min-duty = {SwThermal.MinDuty}: above 0 and at most 1 is wanted"])
            .Concat(SwThermal.MinCovered <= SwThermal.Window ? [] : [$"sw-thermal.min-covered = {SwThermal.MinCovered}: not more than sw-thermal.window ({SwThermal.Window}) is wanted"])
            .Concat(GpuSilent.Intervals >= 2 ? [] : [$"gpu-silent.intervals = {GpuSilent.Intervals}: at least 2 is wanted, or jitter alone fires it"])
            .Concat(GpuSilent.MinSilence <= GpuSilent.MaxSilence ? [] : [$"gpu-silent.min-silence = {GpuSilent.MinSilence}: not more than gpu-silent.max-silence ({GpuSilent.MaxSilence}) is wanted"]);

    private static IEnumerable<string> Mask(string rule, MaskRuleSettings settings)
    {
        if (settings.Of is < 1 or > 64 || settings.Required < 1 || settings.Required > settings.Of)
        {
            yield return $"{rule}.required = {settings.Required}, {rule}.of = {settings.Of}: 1 <= required <= of <= 64 is wanted";
        }
    }
}
