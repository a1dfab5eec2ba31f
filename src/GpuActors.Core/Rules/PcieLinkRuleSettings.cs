namespace GpuActors.Core.Rules;

/// <summary>
/// The rule on a PCIe link below its best generation or width. An idle GPU lowers its link to save power: only load counts.
/// </summary>
public sealed record PcieLinkRuleSettings : AlertRuleSettings
{
    /// <summary>GPU utilisation, in percent, from which the link is judged. Default 50.</summary>
    public double MinUtilizationPercent { get; init; } = 50;

    /// <inheritdoc/>
    public override IEnumerable<string> Validate() =>
        base.Validate()
            .Concat(
                MinUtilizationPercent is >= 0 and <= 100 ? [] : [$"min-utilization-percent = {MinUtilizationPercent}: 0 to 100 is wanted"]
            );
}
