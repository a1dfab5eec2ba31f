namespace GpuActors.Core.Rules;

/// <summary>
/// The rule on retired pages, of GPUs that retire pages instead of remapping rows. Limits: DCGM's <c>DcgmGPUHardwareLimits.h</c>.
/// </summary>
public sealed record RetiredPagesRuleSettings : AlertRuleSettings
{
    /// <summary>Retired pages of both kinds from which the alert opens. Default 63.</summary>
    public int MaxPages { get; init; } = 63;

    /// <summary>Pages retired for double-bit errors above which new ones open the alert. Default 15.</summary>
    public int MaxDbePages { get; init; } = 15;

    /// <summary>New pages of these within seven days above which the alert opens. Default 1.</summary>
    public int MaxNewDbePagesPerWeek { get; init; } = 1;

    /// <inheritdoc/>
    public override IEnumerable<string> Validate() =>
        base.Validate()
            .Concat(
                MaxPages > 0 && MaxDbePages >= 0 && MaxNewDbePagesPerWeek >= 0
                    ? []
                    :
                    [
                        $"max-pages = {MaxPages}: must be above 0; max-dbe-pages = {MaxDbePages},"
                            + $" max-new-dbe-pages-per-week = {MaxNewDbePagesPerWeek}: must not be negative",
                    ]
            );
}
