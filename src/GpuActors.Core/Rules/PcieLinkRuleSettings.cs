namespace GpuActors.Core.Rules;

/// <summary>
/// The rule on a PCIe link below its best generation or width. An idle GPU lowers its link to save power, so the rule is
/// evaluated under load only.
/// </summary>
public sealed record PcieLinkRuleSettings : AlertRuleSettings
{
    /// <summary>GPU utilisation, in percent, from which the rule is evaluated. Default 50.</summary>
    public double MinUtilizationPercent { get; init; } = 50;

    /// <inheritdoc/>
    public override IEnumerable<string> Validate() =>
        base.Validate()
            .Concat(
                MinUtilizationPercent is >= 0 and <= 100
                    ? []
                    : [$"min-utilization-percent = {MinUtilizationPercent}: must be between 0 and 100"]
            );
}
