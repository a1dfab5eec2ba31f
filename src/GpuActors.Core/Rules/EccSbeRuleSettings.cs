namespace GpuActors.Core.Rules;

/// <summary>The rule on the rate of single-bit errors.</summary>
public sealed record EccSbeRuleSettings : AlertRuleSettings
{
    /// <summary>New errors within the last 60 minutes above which the alert opens, unless they become fewer. Default 100.</summary>
    public int MaxPerHour { get; init; } = 100;

    /// <summary>
    /// Part of the hour that samples must cover before the alert resolves, since minutes without samples may hide errors. Default 54
    /// minutes.
    /// </summary>
    public TimeSpan MinCovered { get; init; } = TimeSpan.FromMinutes(54);

    /// <inheritdoc/>
    public override IEnumerable<string> Validate() =>
        base.Validate()
            .Concat(MaxPerHour >= 0 ? [] : [$"max-per-hour = {MaxPerHour}: must be at least 0"])
            .Concat(
                MinCovered >= TimeSpan.Zero && MinCovered <= TimeSpan.FromMinutes(60)
                    ? []
                    : [$"min-covered = {MinCovered}: must be between 0 and 60m"]
            );
}
