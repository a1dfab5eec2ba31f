namespace GpuActors.Core.Rules;

/// <summary>The rule on a GPU that stays at its power limit while its clocks fall.</summary>
public sealed record PowerLimitRuleSettings : AlertRuleSettings
{
    /// <summary>
    /// Share of the power limit in force, over the last ten minutes, from which it counts as being at the limit. Default 0.97.
    /// </summary>
    public double MinShareOfLimit { get; init; } = 0.97;

    /// <summary>
    /// SM clock of the last ten minutes as a share of the fifty minutes before, below which the clocks have fallen. Default 0.9.
    /// </summary>
    public double MaxClockShare { get; init; } = 0.9;

    /// <inheritdoc/>
    public override IEnumerable<string> Validate() =>
        base.Validate()
            .Concat(
                MinShareOfLimit is > 0 and <= 1.5 && MaxClockShare is > 0 and < 1
                    ? []
                    :
                    [
                        $"min-share-of-limit = {MinShareOfLimit}: must be above 0 and at most 1.5;"
                            + $" max-clock-share = {MaxClockShare}: must be above 0 and below 1",
                    ]
            );
}
